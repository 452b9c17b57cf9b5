import { MPI } from "@tsmpi/worker";
import { bucketRanges, type EntryRange } from "./buckets";

/** One rank's values of one entry; null if it has none: a variable that took no part in the step. */
export type Entry = Float32Array | null;

/** What ranks tell each other along with a step. */
export interface Signals {
  /** This rank wants the training to stop. */
  readonly stopping: boolean;
}

export interface Averages {
  /** Of all ranks; 0: no rank had anything to add, and there are no averages. */
  readonly weight: number;
  /** Some rank wants the training to stop. */
  readonly stopping: boolean;
  /** Entries of all ranks together that held NaN or an infinity; of those that are checked. */
  readonly nonFinite: number;
  /** Indices of the checked entries whose average is not finite: with `nonFinite` 0, a sum over ranks went beyond float32. */
  readonly nonFiniteAverages: readonly number[];
  /** Null where no rank had values. In shared memory, the caller's until it adds or averages again. */
  readonly entries: readonly Entry[];
}

const WEIGHT = 0;
const STOPPING = 1;
const FIRST_FLAG = 2;

/**
 * Averages entries over all ranks, weighted, fused into a few buffers in shared memory, so that few all-reduces do it:
 *
 *     first buffer   [ weight | stopping | present 0 … present n−1 | weight × entry 0 | … ]
 *     next buffers   [ weight × entry i | … ]
 *     last buffer    [ … | nonFinite ]
 *
 * The weight is the number of samples behind a rank's entries: ranks with a ragged last batch count less, and the average is
 * exactly that of the big batch. A rank without data joins with weight 0. `present` counts the ranks which have the entry.
 * Buffers accumulate: entries may be added several times before they are averaged.
 */
export class FusedAverage {
  readonly #lengths: readonly number[];
  readonly #unchecked: number;
  readonly #ranges: readonly EntryRange[];
  readonly #buffers: readonly Float32Array[];
  #isEmpty = true;
  /** Added and not yet averaged. */
  #nonFinite = new Set<number>();

  /**
   * @param lengths elements of each entry
   * @param unchecked the first so many entries may hold what they like
   */
  constructor(
    lengths: readonly number[],
    { bucketBytes, unchecked }: { bucketBytes: number; unchecked: number },
  ) {
    this.#lengths = lengths;
    this.#unchecked = unchecked;
    this.#ranges = bucketRanges(lengths, bucketBytes);
    this.#buffers = this.#ranges.map((range, bucket) => {
      let elements = this.#isLast(bucket) ? 1 : 0;
      if (bucket === 0) elements += FIRST_FLAG + lengths.length;
      for (let i = range.start; i < range.end; i++) elements += lengths[i]!;
      return MPI.Alloc_mem(Float32Array, elements);
    });
  }

  /** Whether something was added that is not yet averaged. */
  get isPending(): boolean {
    return !this.#isEmpty;
  }

  /** Indices of entries in which this rank added NaN or an infinity, since the last average. */
  get nonFinite(): readonly number[] {
    return [...this.#nonFinite];
  }

  /** Adds this rank's entries, for a later average. */
  add(entries: readonly Entry[], weight: number): void {
    if (this.#isEmpty) this.#nonFinite.clear();
    this.#buffers.forEach((_, bucket) => this.#pack(bucket, entries, weight));
    this.#isEmpty = false;
  }

  /** Averages what was added and, if given, these entries. Every rank calls it, also one that has nothing to add. Blocks. */
  average(
    { stopping }: Signals,
    added?: { readonly entries: readonly Entry[]; readonly weight: number },
  ): Averages {
    if (this.#isEmpty) this.#nonFinite.clear();
    const first = this.#buffers[0]!;
    const joins = added === undefined && this.#isEmpty;
    if (joins) for (const buffer of this.#buffers) buffer.fill(0);
    const post = (buffer: Float32Array, bucket: number) => {
      if (added) this.#pack(bucket, added.entries, added.weight);
      if (bucket === 0) buffer[STOPPING] = stopping ? 1 : 0;
      if (this.#isLast(bucket))
        buffer[buffer.length - 1] = this.#nonFinite.size;
      return sum(buffer);
    };
    const [begin, ...rest] = this.#buffers.map(
      (buffer, bucket) => () => post(buffer, bucket),
    );
    const begun = begin!();
    // Who has nothing to add waits for the weight: if nobody has, all know it now, and the rest is saved.
    if (joins) begun.wait();
    if (!joins || first[WEIGHT]! > 0) {
      const requests = rest.map((next) => next());
      begun.wait();
      for (const request of requests) request.wait();
    }
    this.#isEmpty = true;
    const last = this.#buffers.at(-1)!;
    return {
      weight: first[WEIGHT]!,
      stopping: first[STOPPING]! > 0,
      nonFinite: last[last.length - 1]!,
      ...this.#unpack(),
    };
  }

  free(): void {
    for (const buffer of this.#buffers) MPI.Free_mem(buffer);
  }

  #isLast(bucket: number): boolean {
    return bucket === this.#ranges.length - 1;
  }

  #pack(bucket: number, entries: readonly Entry[], weight: number): void {
    const buffer = this.#buffers[bucket]!;
    const write = this.#isEmpty ? writeScaled : addScaled;
    if (bucket === 0) {
      buffer[WEIGHT] = (this.#isEmpty ? 0 : buffer[WEIGHT]!) + weight;
      entries.forEach((entry, i) => {
        const before = this.#isEmpty ? 0 : buffer[FIRST_FLAG + i]!;
        buffer[FIRST_FLAG + i] = entry === null ? before : 1;
      });
    }
    this.#forEach(bucket, (i, values) => {
      const entry = entries[i]!;
      if (entry === null) {
        if (this.#isEmpty) values.fill(0);
      } else if (!write(values, entry, weight) && i >= this.#unchecked)
        this.#nonFinite.add(i);
    });
  }

  #unpack(): Pick<Averages, "entries" | "nonFiniteAverages"> {
    const first = this.#buffers[0]!;
    const entries: Entry[] = this.#lengths.map(() => null);
    const nonFiniteAverages: number[] = [];
    if (first[WEIGHT] === 0) return { entries, nonFiniteAverages };
    const factor = 1 / first[WEIGHT]!;
    this.#buffers.forEach((_, bucket) =>
      this.#forEach(bucket, (i, values) => {
        if (first[FIRST_FLAG + i] === 0) return;
        entries[i] = values;
        if (!writeScaled(values, values, factor) && i >= this.#unchecked)
          nonFiniteAverages.push(i);
      }),
    );
    return { entries, nonFiniteAverages };
  }

  #forEach(
    bucket: number,
    visit: (i: number, values: Float32Array) => void,
  ): void {
    const buffer = this.#buffers[bucket]!;
    let start = bucket === 0 ? FIRST_FLAG + this.#lengths.length : 0;
    const range = this.#ranges[bucket]!;
    for (let i = range.start; i < range.end; i++) {
      const end = start + this.#lengths[i]!;
      visit(i, buffer.subarray(start, end));
      start = end;
    }
  }
}

/** Begins a sum over all ranks. In shared memory it is over at once: nobody else works on it meanwhile. */
function sum(buffer: Float32Array): { wait(): unknown } {
  const world = MPI.COMM_WORLD;
  if (!world.sharesMemory) return world.Iallreduce(MPI.IN_PLACE, buffer);
  world.Allreduce(MPI.IN_PLACE, buffer);
  return OVER;
}
const OVER = { wait: () => {} };

/** Tells whether all values are finite: the sum of float32 values cannot overflow a double. */
function writeScaled(
  target: Float32Array,
  source: Float32Array,
  factor: number,
): boolean {
  let sum = 0;
  for (let i = 0; i < target.length; i++) {
    const value = source[i]! * factor;
    target[i] = value;
    sum += value;
  }
  return Number.isFinite(sum);
}

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
