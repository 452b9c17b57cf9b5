import { MPI } from "@tsmpi/worker";

const NON_FINITE = 0;
const FIRST_FLAG = 1;

/** What is summed up over all ranks when the entries of a step are known: see FusedAverage. */
export class Trailer {
  /** In shared memory. */
  readonly buffer: Float32Array;
  /** Of `more`. */
  readonly #places: readonly Float32Array[];

  /**
   * @param entries how many there are
   * @param lengths elements of each array that is averaged along with them
   */
  constructor(entries: number, lengths: readonly number[]) {
    let end = FIRST_FLAG + entries;
    const spans = lengths.map((length) => [end, (end += length)] as const);
    this.buffer = MPI.Alloc_mem(Float32Array, end);
    this.#places = spans.map((span) => this.buffer.subarray(...span));
  }

  get nonFinite(): number {
    return this.buffer[NON_FINITE]!;
  }
  set nonFinite(entries: number) {
    this.buffer[NON_FINITE] = entries;
  }

  /** This rank has values of an entry. */
  isPresent(entry: number): void {
    this.buffer[FIRST_FLAG + entry] = 1;
  }
  /** Behind the sum. */
  ranksWith(entry: number): number {
    return this.buffer[FIRST_FLAG + entry]!;
  }

  add(more: readonly Float32Array[], weight: number): void {
    this.#places.forEach((place, i) => {
      const values = more[i]!;
      for (let k = 0; k < place.length; k++) place[k]! += weight * values[k]!;
    });
  }

  /** Behind the sum. */
  averages(factor: number): Float32Array[] {
    return this.#places.map((place) =>
      place.slice().map((value) => value * factor),
    );
  }
}
