import type { FileRecords } from "../../feed";
import { sliceRecords } from "../../records/raw-records";
import { type Dealer, type Dealt, defineDeal } from "../deal";

/**
 * Each run of consecutive records is cut into blocks, one a rank; at no time has one rank more than one record more than another, so
 * all can go in step.
 */
export const block = defineDeal<{ readonly by: "block" }>({
  name: "block",
  summary: "neighbours together, equally many for each rank",
  takes: [],
  isByValue: false,
  unevenBy: () => 1,
  dealer: (_, size) => new BlockDealer(size),
});

class BlockDealer implements Dealer {
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
}
