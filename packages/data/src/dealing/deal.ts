import type { FileRecords } from "../feed";
import { sliceRecords } from "../records/raw-records";

/** Records for one rank. */
export interface Dealt extends FileRecords {
  /** Index among the ranks that share. */
  readonly to: number;
}

/**
 * Deals records out equally, as they come: how many there will be need not be known. Each run of consecutive records is cut into
 * blocks, one a rank; at no time has one rank more than one record more than another, so all can go in step.
 */
export class EqualDeal {
  readonly #size: number;
  /** Of the rank that gets the next record of those that cannot be shared out. */
  #turn = 0;

  constructor(size: number) {
    this.#size = size;
  }

  *deal({ file, records }: FileRecords): Generator<Dealt> {
    const count = records.starts.length;
    const [each, extra] = [Math.floor(count / this.#size), count % this.#size];
    let from = 0;
    for (let i = 0; i < this.#size && from < count; i++) {
      const to = (this.#turn + i) % this.#size;
      const end = from + each + (i < extra ? 1 : 0);
      if (end > from)
        yield { to, file, records: sliceRecords(records, from, end) };
      from = end;
    }
    this.#turn = (this.#turn + extra) % this.#size;
  }

  /** How many records more than others this rank has been dealt: 1 or 0. */
  extraOf(to: number): number {
    // The turn has gone round: those in front of it have one more.
    return to < this.#turn ? 1 : 0;
  }

  /** Whether some have one more than others. */
  get isUneven(): boolean {
    return this.#turn > 0;
  }
}
