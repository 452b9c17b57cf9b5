import { blockOf, bytesOf, lengthOf, type TypedArray } from "@tsmpi/protocol";
import { type CostOf, defineAllreduce, type Reduce } from "../algorithm";
import { asElements } from "../as-elements";
import type { PointToPoint } from "../point-to-point";
import { segmentsOf } from "../segments";

/** A segment is on the wire while the one before it is being reduced. Smaller ones cost more messages, larger ones overlap less. */
export const SEGMENT_BYTES = 1 << 20;

/**
 * Ring allreduce: a reduce-scatter around the ring, then an allgather around the ring.
 * No rank sends more than twice the buffer, however many ranks there are. Best for large buffers; for small ones the 2(p − 1) steps dominate.
 *
 *                     rank 0           rank 1           rank 2
 *     start           a0  b0  c0       a1  b1  c1       a2  b2  c2
 *     reduce-scatter  a0  b0  c02      a01 b1  c1       a2  b12 c2
 *                     a0  b012 c02     a01 b1  c012     a012 b12 c2
 *     allgather       a012 b012 c02    a01 b012 c012    a012 b12 c012
 *                     a012 b012 c012   a012 b012 c012   a012 b012 c012
 *
 * Blocks travel in segments, each passed on as soon as it has been reduced. Every block is reduced along one path, so all ranks
 * end with the same bits.
 *
 * Source: Patarasuk and Yuan, J. Parallel Distrib. Comput. 69(2), 2009. doi:10.1016/j.jpdc.2008.09.002
 */
export const allreduceRing = defineAllreduce({
  name: "ring",
  cost: {
    steps: (size) => 2 * (size - 1),
    // Everything but one block in each half: what arrives last there is not passed on.
    sends: (call) => {
      if (call.size === 1) return [];
      const blocks = [
        ...blocksSent(call, call.rank + 1),
        ...blocksSent(call, call.rank + 2),
      ];
      return [
        {
          to: (call.rank + 1) % call.size,
          messages: blocks.reduce((sum, { messages }) => sum + messages, 0),
          bytes: blocks.reduce((sum, { bytes }) => sum + bytes, 0),
        },
      ];
    },
  },

  async run(channel, buffer, reduce) {
    if (channel.size === 1) return;
    const ring = new Ring(channel, buffer);
    for (let step = 0; step < channel.size; step++)
      await ring.reduceScatterStep(step, reduce);
    for (let step = 0; step < channel.size - 1; step++)
      await ring.allgatherStep(step);
    await ring.flushed();
  },
});

const segmentLength = (elementBytes: number): number =>
  Math.floor(SEGMENT_BYTES / elementBytes);

/** The messages that carry every block but one. */
const blocksSent = ({ count, elementBytes, size }: CostOf, except: number) =>
  Array.from({ length: size }, (_, index) => index)
    .filter((index) => index !== except % size)
    .map((index) => {
      const block = blockOf(count, size, index);
      return {
        messages: segmentsOf(block, segmentLength(elementBytes)).length,
        bytes: lengthOf(block) * elementBytes,
      };
    });

class Ring {
  readonly #left: number;
  readonly #right: number;
  readonly #segmentLength: number;
  readonly #sends: Promise<void>[] = [];

  constructor(
    readonly channel: PointToPoint,
    readonly buffer: TypedArray,
  ) {
    const { rank, size } = channel;
    this.#left = (rank + size - 1) % size;
    this.#right = (rank + 1) % size;
    this.#segmentLength = segmentLength(buffer.BYTES_PER_ELEMENT);
  }

  /** Step 0 sends our own block; each later step adds the block that arrives to ours and passes the sum on. */
  async reduceScatterStep(step: number, reduce: Reduce): Promise<void> {
    for (const own of this.#segments(this.channel.rank - step)) {
      if (step > 0) {
        const partial = asElements(await this.channel.receive(this.#left), own);
        reduce(own, partial, own);
      }
      this.#pass(own);
    }
  }

  /** A finished block arrives; all but the last one are passed on. */
  async allgatherStep(step: number): Promise<void> {
    for (const own of this.#segments(this.channel.rank - step)) {
      const finished = await this.channel.receive(this.#left);
      own.set(asElements(finished, own) as never);
      if (step < this.channel.size - 2) this.#pass(own);
    }
  }

  async flushed(): Promise<void> {
    await Promise.all(this.#sends);
  }

  #pass(segment: TypedArray): void {
    const sent = this.channel.send(this.#right, bytesOf(segment));
    sent.catch(() => {}); // `flushed` raises it.
    this.#sends.push(sent);
  }

  #segments(block: number): TypedArray[] {
    const { size } = this.channel;
    const index = ((block % size) + size) % size;
    return segmentsOf(
      blockOf(this.buffer.length, size, index),
      this.#segmentLength,
    ).map(({ start, end }) => this.buffer.subarray(start, end));
  }
}
