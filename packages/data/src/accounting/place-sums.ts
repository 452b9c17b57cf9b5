import { mixed } from "../mixed";

/**
 * Two sums modulo 2^32 over records' places: file and number. Of two sets of records of the same sums, one in 2^64 is another one, in
 * whatever order and by however many hands they were added.
 */
export class PlaceSums {
  #low = 0;
  #high = 0;

  get sums(): readonly [number, number] {
    return [this.#low, this.#high];
  }

  /** Records `from` to `to` (exclusive). */
  add(file: number, from: number, to: number): void {
    const seed = Math.imul(file + 1, 0x9e37_79b1);
    for (let record = from; record < to; record++) {
      this.#low = (this.#low + mixed(seed ^ record)) >>> 0;
      // Places of two files that are one for the first sum are two for this one.
      this.#high = (this.#high + mixed(mixed(record) + seed)) >>> 0;
    }
  }
}
