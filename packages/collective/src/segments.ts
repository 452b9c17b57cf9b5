import { type Block, blockOf, lengthOf } from "@tsmpi/protocol";

/** A segment is on the wire while the one before it is being reduced. Smaller ones cost more messages, larger ones overlap less. */
export const SEGMENT_BYTES = 1 << 20;

/** Elements of a segment; `unit` of them belong together. */
export const segmentLength = (elementBytes: number, unit = 1): number =>
  Math.max(1, Math.floor(SEGMENT_BYTES / (elementBytes * unit))) * unit;

/** Cuts a block into segments of at most `length` elements; an empty block is one empty segment. */
export function segmentsOf({ start, end }: Block, length: number): Block[] {
  const segments: Block[] = [];
  for (let at = start; at < end || segments.length === 0; at += length)
    segments.push({ start: at, end: Math.min(at + length, end) });
  return segments;
}

/** Cuts a block into `parts` that differ by at most one unit, the longer ones first; `unit` elements belong together. */
export function cut(block: Block, parts: number, unit = 1): Block[] {
  const units = Math.ceil(lengthOf(block) / unit);
  const place = (at: number) => Math.min(block.start + at * unit, block.end);
  return Array.from({ length: parts }, (_, index) => {
    const { start, end } = blockOf(units, parts, index);
    return { start: place(start), end: place(end) };
  });
}

/** Blocks of these lengths, one behind the other. */
export function consecutive(lengths: readonly number[]): Block[] {
  let end = 0;
  return lengths.map((length) => ({ start: end, end: (end += length) }));
}

/** What travels when each of these blocks is sent in segments. */
export function segmentTraffic(
  blocks: readonly Block[],
  elementBytes: number,
): { messages: number; bytes: number } {
  const length = segmentLength(elementBytes);
  return {
    messages: blocks.reduce(
      (sum, block) => sum + segmentsOf(block, length).length,
      0,
    ),
    bytes: blocks.reduce(
      (sum, block) => sum + lengthOf(block) * elementBytes,
      0,
    ),
  };
}
