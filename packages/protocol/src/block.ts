/** A rank's part of something that is cut up: items `start` to `end − 1`. */
export interface Block {
  readonly start: number;
  readonly end: number;
}

/** Block `index` of `count` items cut into `parts`: the first `count mod parts` blocks are one item longer. */
export function blockOf(count: number, parts: number, index: number): Block {
  const length = Math.floor(count / parts);
  const longer = count % parts;
  const start = index * length + Math.min(index, longer);
  return { start, end: start + length + (index < longer ? 1 : 0) };
}

export const lengthOf = ({ start, end }: Block): number => end - start;
