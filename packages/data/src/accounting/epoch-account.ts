import { crc32 } from "node:zlib";
import type { FileRecords, RecordSet } from "../feed";
import { mixed } from "../mixed";
import { setOfRuns } from "../records/record-set";
import { PlaceSums } from "./place-sums";

/**
 * By so many runs of neighbours an account names its records. Of more, as deals record by record make them, it knows their sums
 * alone, so that it stays small.
 */
export const MOST_RUNS = 1 << 16;

/** What a rank was fed in an epoch: plain data, which travels to the root. */
export interface EpochAccount {
  readonly epoch: number;
  readonly records: number;
  /**
   * Sums modulo 2^32 over the records, of two numbers that depend on file, record and its bytes: in any order the same. null: nobody
   * has kept their bytes.
   */
  readonly checksum: readonly [number, number] | null;
  /** By `PlaceSums`. */
  readonly places: readonly [number, number];
  /** By file, the number behind the last record. */
  readonly ends: Readonly<Record<number, number>>;
  /** null: in too many runs. */
  readonly fed: RecordSet | null;
}

/** Of records whose bytes are gone. */
export function accountOf(epoch: number, records: RecordSet): EpochAccount {
  const account = new Account(epoch);
  for (const [file, runs] of Object.entries(records))
    for (let i = 0; i < runs.length; i += 2)
      account.addRun(Number(file), runs[i]!, runs[i + 1]!);
  return { ...account.close(), checksum: null };
}

/** Counts the records of an epoch as they come. */
export class Account {
  readonly #epoch: number;
  /** By file; neighbours that come one after the other are one run. null: too many. */
  #runs: Map<number, number[]> | null = new Map();
  #runCount = 0;
  readonly #places = new PlaceSums();
  readonly #ends: Record<number, number> = {};
  #records = 0;
  #low = 0;
  #high = 0;

  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  add({ file, records }: FileRecords): void {
    const { bytes, starts, ends, first, checksums } = records;
    const seed = Math.imul(file + 1, 0x9e37_79b1);
    for (let i = 0; i < starts.length; i++) {
      const sum =
        checksums === undefined
          ? crc32(bytes.subarray(starts[i], ends[i]))
          : checksums[i]!;
      const place = mixed(seed ^ (first + i));
      const low = mixed(sum ^ place);
      this.#low = (this.#low + low) >>> 0;
      this.#high = (this.#high + mixed(low + Math.imul(place, 5))) >>> 0;
    }
    if (starts.length > 0) this.addRun(file, first, first + starts.length);
  }

  /** Without their bytes. */
  addRun(file: number, from: number, to: number): void {
    this.#records += to - from;
    this.#places.add(file, from, to);
    this.#ends[file] = Math.max(to, this.#ends[file] ?? 0);
    const runs = this.#runs?.get(file);
    if (runs?.at(-1) === from) runs[runs.length - 1] = to;
    else if (this.#runCount++ === MOST_RUNS) this.#runs = null;
    else if (runs === undefined) this.#runs?.set(file, [from, to]);
    else runs.push(from, to);
  }

  /** So far. */
  close(): EpochAccount {
    return {
      ...{ epoch: this.#epoch, records: this.#records },
      checksum: [this.#low, this.#high],
      ...{ places: this.#places.sums, ends: { ...this.#ends } },
      fed: this.#runs && setOfRuns(this.#runs),
    };
  }
}
