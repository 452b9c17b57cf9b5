import { type Block, bytesOf, type TypedArray } from "@tsmpi/protocol";
import type { Reduce } from "./algorithm";
import { asElements } from "./as-elements";
import { copyElements } from "./copy-elements";
import type { PointToPoint } from "./point-to-point";
import { segmentLength, segmentsOf } from "./segments";

/** What to do with a segment that arrives: `own` is its place in the buffer; `theirs` belongs to us. */
export type Take = (own: TypedArray, theirs: TypedArray, index: number) => void;

export const replace: Take = copyElements;

/** The segments that arrive are of lower ranks than ours. */
export const combineLower =
  (reduce: Reduce): Take =>
  (own, theirs) =>
    reduce(own, theirs, own);

/** The segments that arrive are of higher ranks than ours. */
export const combineHigher =
  (reduce: Reduce): Take =>
  (own, theirs) =>
    reduce(own, own, theirs);

/** A buffer whose blocks travel in segments, so that one is on the wire while another is being reduced. */
export class SegmentedBuffer {
  readonly #segmentLength: number;

  constructor(
    readonly channel: PointToPoint,
    readonly buffer: TypedArray,
    unit?: number,
  ) {
    this.#segmentLength = segmentLength(buffer.BYTES_PER_ELEMENT, unit);
  }

  get whole(): Block {
    return { start: 0, end: this.buffer.length };
  }

  /** A block's segments, as views; one empty segment if it is empty. */
  segments(block: Block): TypedArray[] {
    return segmentsOf(block, this.#segmentLength).map(({ start, end }) =>
      this.buffer.subarray(start, end),
    );
  }

  /**
   * Each segment when the transport has taken the one before. The block is lent: nobody writes to it before `dest` has it.
   */
  async send(dest: number, block: Block): Promise<void> {
    for (const segment of this.segments(block))
      await this.channel.lend(dest, bytesOf(segment));
  }

  async receive(source: number, block: Block, take: Take): Promise<void> {
    for (const [index, own] of this.segments(block).entries())
      take(own, asElements(await this.channel.receive(source), own), index);
  }

  /** Both at once; the two blocks do not overlap. */
  async exchange(
    sent: { readonly dest: number; readonly block: Block },
    received: {
      readonly source: number;
      readonly block: Block;
      readonly take: Take;
    },
  ): Promise<void> {
    await Promise.all([
      this.receive(received.source, received.block, received.take),
      this.send(sent.dest, sent.block),
    ]);
  }
}
