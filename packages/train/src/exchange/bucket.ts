import { MPI, scale } from "@tsmpi/worker";

/** Entries whose sums over all ranks travel together. */
export class Bucket {
  readonly entries: readonly number[];
  /** In shared memory. */
  readonly buffer: Float32Array;
  readonly #places = new Map<number, Float32Array>();
  #count = 0;

  /** @param lengths elements of each entry there is */
  constructor(entries: readonly number[], lengths: readonly number[]) {
    this.entries = entries;
    const elements = entries.reduce((sum, i) => sum + lengths[i]!, 0);
    this.buffer = MPI.Alloc_mem(Float32Array, elements);
    let start = 0;
    for (const entry of entries) {
      const end = start + lengths[entry]!;
      this.#places.set(entry, this.buffer.subarray(start, end));
      start = end;
    }
  }

  /** Where the values of an entry lie. */
  place(entry: number): Float32Array {
    return this.#places.get(entry)!;
  }

  /** Since the last `seal` each entry has been set or added to. */
  get isFull(): boolean {
    return this.#count === this.entries.length;
  }

  /**
   * @param values may lie in the entry's place already; null: zeros
   * @returns whether all of `weight × values` are finite
   */
  set(entry: number, values: Float32Array | null, weight: number): boolean {
    this.#count++;
    const place = this.place(entry);
    if (values === null) {
      place.fill(0);
      return true;
    }
    if (!isSame(values, place)) place.set(values);
    return scale(place, weight);
  }

  /** The same, added to what is there. */
  add(entry: number, values: Float32Array | null, weight: number): boolean {
    this.#count++;
    return values === null || addScaled(this.place(entry), values, weight);
  }

  /** Entries come anew. */
  seal(): void {
    this.#count = 0;
  }

  /** Entries with values that are not finite. */
  nonFinite(): number[] {
    return this.entries.filter(
      (entry) => !this.place(entry).every(Number.isFinite),
    );
  }
}

const isSame = (a: Float32Array, b: Float32Array): boolean =>
  a.buffer === b.buffer && a.byteOffset === b.byteOffset;

/** Tells whether all products are finite: the sum of float32 values cannot overflow a double. */
function addScaled(
  target: Float32Array,
  source: Float32Array,
  factor: number,
): boolean {
  let sum = 0;
  for (let i = 0; i < target.length; i++) {
    const value = source[i]! * factor;
    target[i]! += value;
    sum += value;
  }
  return Number.isFinite(sum);
}
