import {
  MPI,
  type Request,
  scale,
  type WantedCompression,
} from "@tsmpi/worker";
import { Bucket } from "./bucket";
import { bucketsOf } from "./buckets";
import { Trailer } from "./trailer";
import { isEager, type Way } from "./way";

/** One rank's values of one entry; null if it has none: a variable that took no part in the step. */
export type Entry = Float32Array | null;

/** What ranks tell each other when a step begins. */
export interface Signals {
  /** Samples behind what this rank adds. */
  readonly weight: number;
  /** This rank wants the training to stop. */
  readonly stopping: boolean;
}

export interface Averages {
  /** Of all ranks; 0: no rank had anything to add, and there are no averages. */
  readonly weight: number;
  /** Some rank wants the training to stop. */
  readonly stopping: boolean;
  /** Entries of all ranks together that held NaN or an infinity. */
  readonly nonFinite: number;
  /** Indices of the entries whose average is not finite: with `nonFinite` 0, a sum over ranks went beyond float32. */
  readonly nonFiniteAverages: readonly number[];
  /** Null where no rank had values. In shared memory, the caller's until it adds or averages again. */
  readonly entries: readonly Entry[];
  readonly more: readonly Float32Array[];
  /** That the entries have been through. */
  readonly compression: WantedCompression;
}

export interface FusedLayout {
  /** Elements of each entry. */
  readonly lengths: readonly number[];
  /** The same of what is averaged besides, and may hold what it likes. */
  readonly more: readonly number[];
  /** In which the entries are put, as far as that is known. */
  readonly order: readonly number[];
  /** Of the buckets; header and trailer stay as they are. */
  readonly way: Way;
}

// Of the header.
const WEIGHT = 0;
const STOPPING = 1;
const HEADER_LENGTH = 2;

/** The first bucket of a step leaves early, so that the network has something to do. */
const FIRST_BUCKET_BYTES = 1 << 20;

/**
 * Averages entries over all ranks, weighted, fused into a few buffers in shared memory, so that few all-reduces do it:
 *
 *     header         [ weight | stopping ]
 *     bucket         [ weight × entry i | weight × entry j | … ]
 *     next buckets   …
 *     trailer        [ nonFinite | present 0 … present n−1 | weight × more 0 | … ]
 *
 * The weight is the number of samples behind a rank's entries: ranks with a ragged last batch count less, and the average is
 * exactly that of the big batch. A rank without data joins with weight 0. `present` counts the ranks which have the entry.
 * Buffers accumulate: entries may be added several times before they are averaged.
 *
 * Where gradients are compressed, only the buckets are; what that leaves out of a bucket is sent with its next average.
 *
 * Over the network a bucket leaves as soon as the last of its entries has been put, while others are still being computed. In memory
 * that ranks share it would not travel meanwhile: this thread sums it up itself. There all are summed at the end.
 */
export class FusedAverage {
  readonly #header = MPI.Alloc_mem(Float32Array, HEADER_LENGTH);
  readonly #buckets: readonly Bucket[];
  readonly #trailer: Trailer;
  /** By entry. */
  readonly #bucketOf: readonly Bucket[];
  readonly #way: Way;
  readonly #isEager: boolean;
  #isEmpty = true;
  /** Of what is being put. */
  #weight = 0;
  /** Sums under way, the header's first; null: the step has not begun. */
  #sums: Sum[] | null = null;
  /** Buckets that have left. */
  #left = 0;
  /** Added and not yet averaged. */
  #nonFinite = new Set<number>();

  constructor({ lengths, more, order, way }: FusedLayout) {
    const { bucketBytes, compression } = way;
    const isCompressed = compression !== "none";
    this.#way = way;
    this.#isEager = isEager(way);
    const firstBytes = this.#isEager ? FIRST_BUCKET_BYTES : bucketBytes;
    this.#buckets = bucketsOf({
      ...{ lengths, order, firstBytes, bucketBytes },
    }).map((entries) => new Bucket(entries, lengths, { isCompressed }));
    const bucketOf = new Map(
      this.#buckets.flatMap((bucket) =>
        bucket.entries.map((entry) => [entry, bucket] as const),
      ),
    );
    this.#bucketOf = lengths.map((_, entry) => bucketOf.get(entry)!);
    this.#trailer = new Trailer(lengths.length, more);
  }

  /** Whether something was added that is not yet averaged. */
  get isPending(): boolean {
    return !this.#isEmpty;
  }

  /** Indices of entries in which this rank added NaN or an infinity, since the last average. */
  get nonFinite(): readonly number[] {
    return [...this.#nonFinite];
  }

  /** Where the values of an entry may be written before it is put, which saves a copy; null: not now. */
  place(entry: number): Float32Array | null {
    return this.#isEmpty ? this.#bucketOf[entry]!.place(entry) : null;
  }

  /** Adds this rank's entries, for a later average. */
  add(
    entries: readonly Entry[],
    more: readonly Float32Array[],
    weight: number,
  ): void {
    this.#open(weight);
    entries.forEach((values, entry) => this.#put(entry, values));
    this.#seal(more);
  }

  /** An average begins: entries that are put leave from now on. */
  begin({ weight, stopping }: Signals): void {
    this.#open(weight);
    this.#header[STOPPING] = stopping ? 1 : 0;
    this.#left = 0;
    this.#sums = [this.#sum(this.#header)];
  }

  /** Of the bucket that leaves next; null: none is left, or none leaves before the end. */
  get nextEntries(): readonly number[] | null {
    return (this.#isEager && this.#buckets[this.#left]?.entries) || null;
  }

  /** Each entry once, in any order; every rank puts all of them. */
  put(entry: number, values: Entry): void {
    this.#put(entry, values);
    if (this.#isEager) this.#leave();
  }

  /** The averages of what all ranks have put and added. Blocks. */
  finish(more: readonly Float32Array[]): Averages {
    this.#seal(more);
    return this.#average();
  }

  /** Averages what was added before, or nothing, with what the others put. Blocks. */
  join({ stopping }: Pick<Signals, "stopping">): Averages {
    const isEmpty = this.#isEmpty;
    this.begin({ weight: 0, stopping });
    if (isEmpty) {
      // If nobody has anything to add, all know it now, and the rest is saved.
      this.#sums![0]!.wait();
      if (this.#header[WEIGHT] === 0) return this.#nothing();
      for (const bucket of this.#buckets) bucket.buffer.fill(0);
      this.#trailer.buffer.fill(0);
    }
    return this.#average();
  }

  free(): void {
    MPI.Free_mem(this.#header);
    for (const bucket of this.#buckets) bucket.free();
    MPI.Free_mem(this.#trailer.buffer);
  }

  /** Entries come anew. */
  #open(weight: number): void {
    for (const bucket of this.#buckets) bucket.seal();
    if (this.#isEmpty) {
      this.#nonFinite.clear();
      this.#header[WEIGHT] = 0;
      this.#trailer.buffer.fill(0);
    }
    this.#weight = weight;
    this.#header[WEIGHT]! += weight;
  }

  #put(entry: number, values: Entry): void {
    const bucket = this.#bucketOf[entry]!;
    const isFinite = this.#isEmpty
      ? bucket.set(entry, values, this.#weight)
      : bucket.add(entry, values, this.#weight);
    if (!isFinite) this.#nonFinite.add(entry);
    if (values !== null) this.#trailer.isPresent(entry);
  }

  #seal(more: readonly Float32Array[]): void {
    this.#trailer.add(more, this.#weight);
    this.#isEmpty = false;
  }

  /** Buckets that are full leave, in their order, which is the same on every rank. */
  #leave(): void {
    const sums = this.#sums;
    if (sums === null) return;
    for (; this.#buckets[this.#left]?.isFull; this.#left++)
      sums.push(this.#sumOf(this.#buckets[this.#left]!));
  }

  #sumOf({ buffer, residual }: Bucket): Sum {
    const { algorithm, compression } = this.#way;
    return this.#sum(buffer, { algorithm, compression, residual });
  }

  /** Begins a sum over all ranks. In shared memory it is over at once: nobody else works on it meanwhile. */
  #sum(buffer: Float32Array, manner: Manner = {}): Sum {
    const world = MPI.COMM_WORLD;
    if (this.#isEager)
      return world.Iallreduce(MPI.IN_PLACE, buffer, { ...manner });
    world.Allreduce(MPI.IN_PLACE, buffer);
    return OVER;
  }

  #average(): Averages {
    const sums = this.#sums!;
    for (; this.#left < this.#buckets.length; this.#left++)
      sums.push(this.#sumOf(this.#buckets[this.#left]!));
    this.#trailer.nonFinite = this.#nonFinite.size;
    sums.push(this.#sum(this.#trailer.buffer));
    for (const one of sums) one.wait();
    this.#reset();
    const factor = 1 / this.#header[WEIGHT]!;
    const entries: Entry[] = this.#bucketOf.map(() => null);
    const nonFiniteAverages: number[] = [];
    for (const bucket of this.#buckets) {
      if (!scale(bucket.buffer, factor))
        nonFiniteAverages.push(...bucket.nonFinite());
      for (const entry of bucket.entries)
        if (this.#trailer.ranksWith(entry) > 0)
          entries[entry] = bucket.place(entry);
    }
    return {
      ...this.#signals(),
      nonFinite: this.#trailer.nonFinite,
      ...{ nonFiniteAverages, entries },
      more: this.#trailer.averages(factor),
      compression: this.#way.compression,
    };
  }

  #nothing(): Averages {
    this.#reset();
    return {
      ...this.#signals(),
      ...{ nonFinite: 0, nonFiniteAverages: [], entries: [], more: [] },
      compression: this.#way.compression,
    };
  }

  #reset(): void {
    this.#isEmpty = true;
    this.#sums = null;
  }

  #signals(): Signals {
    return {
      weight: this.#header[WEIGHT]!,
      stopping: this.#header[STOPPING]! > 0,
    };
  }
}

/** How a sum is made. */
interface Manner {
  readonly algorithm?: Way["algorithm"];
  readonly compression?: WantedCompression;
  readonly residual?: Float32Array | null;
}

type Sum = Pick<Request, "wait">;

const OVER: Sum = { wait: () => null };
