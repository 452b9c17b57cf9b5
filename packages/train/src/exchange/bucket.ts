import { MPI, scale } from "@tsmpi/worker";

/** Entries whose sums over all ranks travel together. */
export class Bucket {
  readonly entries: readonly number[];
  /** In shared memory. */
  readonly buffer: Float32Array;
  /** What compression has left out so far, sent along with the next sum; null: nothing is left out. */
  readonly residual: Float32Array | null;
  readonly #places = new Map<number, Float32Array>();
  #count = 0;

  /** @param lengths elements of each entry there is */
  constructor(
    entries: readonly number[],
    lengths: readonly number[],
    { isCompressed = false } = {},
  ) {
    this.entries = entries;
    const elements = entries.reduce((sum, i) => sum + lengths[i]!, 0);
    this.buffer = MPI.Alloc_mem(Float32Array, elements);
    this.residual = isCompressed
      ? MPI.Alloc_mem(Float32Array, elements).fill(0)
      : null;
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

  free(): void {
    MPI.Free_mem(this.buffer);
    if (this.residual) MPI.Free_mem(this.residual);
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
