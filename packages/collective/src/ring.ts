import { setImmediate } from "node:timers/promises";
import { type Block, bytesOf, type TypedArray } from "@tsmpi/protocol";
import type { Reduce } from "./algorithm";
import { asElements } from "./as-elements";
import { copyElements } from "./copy-elements";
import type { SegmentedBuffer } from "./segmented-buffer";

/** What is done with each segment of the buffer. */
export interface Visits {
  /** Before it is reduced or passed on. */
  readonly prepare?: (segment: TypedArray) => void;
  /** Our own block: it has been reduced over all ranks. */
  readonly finished?: (segment: TypedArray) => void;
}

/**
 * A buffer of one block a rank that goes around the ring, each segment passed on as soon as it is ready.
 * Every block is reduced along one path, so that it has the same bits wherever it goes.
 */
export class Ring {
  readonly #segmented: SegmentedBuffer;
  readonly #blocks: readonly Block[];
  readonly #sends: Promise<void>[] = [];

  constructor(segmented: SegmentedBuffer, blocks: readonly Block[]) {
    this.#segmented = segmented;
    this.#blocks = blocks;
  }

  /**
   * Step 0 sends the block of the rank to our left; each later step adds ours to what arrives and passes the sum on.
   * The last one finishes our own block.
   */
  async reduceScatter(
    reduce: Reduce,
    { prepare, finished }: Visits = {},
  ): Promise<void> {
    const { rank, size } = this.#segmented.channel;
    for (let step = 0; step < size; step++)
      for (const own of this.#segments(rank - 1 - step)) {
        prepare?.(own);
        if (step > 0) reduce(own, await this.#next(own), own);
        if (step < size - 1) this.pass(own);
        else finished?.(own);
        // What it takes may be long: others of this thread have their turn.
        if (prepare) await setImmediate();
      }
  }

  /** Finished blocks arrive, the left neighbour's first; all but the last one are passed on. Our own has been passed already. */
  async allgather(arrived?: (segment: TypedArray) => void): Promise<void> {
    const { rank, size } = this.#segmented.channel;
    for (let step = 1; step < size; step++)
      for (const own of this.#segments(rank - step)) {
        copyElements(own, await this.#next(own));
        if (step < size - 1) this.pass(own);
        arrived?.(own);
      }
  }

  pass(segment: TypedArray): void {
    const { channel } = this.#segmented;
    const right = (channel.rank + 1) % channel.size;
    const sent = channel.lend(right, bytesOf(segment));
    sent.catch(() => {}); // `flushed` raises it.
    this.#sends.push(sent);
  }

  passOwn(): void {
    for (const own of this.#segments(this.#segmented.channel.rank))
      this.pass(own);
  }

  async flushed(): Promise<void> {
    await Promise.all(this.#sends);
  }

  async #next(own: TypedArray): Promise<TypedArray> {
    const { channel } = this.#segmented;
    const left = (channel.rank + channel.size - 1) % channel.size;
    return asElements(await channel.receive(left), own);
  }

  #segments(rank: number): TypedArray[] {
    const { size } = this.#segmented.channel;
    return this.#segmented.segments(
      this.#blocks[((rank % size) + size) % size]!,
    );
  }
}
