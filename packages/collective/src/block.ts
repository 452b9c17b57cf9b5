/** A rank's part of a buffer: elements `start` to `end − 1`. */
export interface Block {
  readonly start: number;
  readonly end: number;
}

/** Block `index` of `count` elements cut into `parts`: the first `count mod parts` blocks are one element longer. */
export function blockOf(count: number, parts: number, index: number): Block {
  const length = Math.floor(count / parts);
  const longer = count % parts;
  const start = index * length + Math.min(index, longer);
  return { start, end: start + length + (index < longer ? 1 : 0) };
}

export const lengthOf = ({ start, end }: Block): number => end - start;

/** Cuts a block into segments of at most `length` elements; an empty block is one empty segment. */
export function segmentsOf({ start, end }: Block, length: number): Block[] {
  const segments: Block[] = [];
  for (let at = start; at < end || segments.length === 0; at += length)
    segments.push({ start: at, end: Math.min(at + length, end) });
  return segments;
}
