import type { Block } from "@tsmpi/protocol";

/** Cuts a block into segments of at most `length` elements; an empty block is one empty segment. */
export function segmentsOf({ start, end }: Block, length: number): Block[] {
  const segments: Block[] = [];
  for (let at = start; at < end || segments.length === 0; at += length)
    segments.push({ start: at, end: Math.min(at + length, end) });
  return segments;
}
