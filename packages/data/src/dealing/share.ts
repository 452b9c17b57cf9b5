import type { RecordSet } from "../feed";
import { gapsIn } from "../records/record-set";
import type { Part } from "../epoch/read-part";
import type { Split } from "../epoch/splits";
import { blockPartition, type Remainder } from "../partition/block-partition";

/**
 * A rank's share of an epoch: a block of its records, as they follow each other in these splits, of which all lengths are known.
 * Pure, so that every rank finds its own without a word.
 *
 * @param weights one a rank; default: equal shares
 * @param remainder where the records cannot be shared out equally: the first ranks have one more, or the last ones of the epoch are
 * nobody's, or the last ranks have the last record of the epoch once more
 */
export function shareOf(
  splits: readonly Split[],
  seen: RecordSet,
  {
    rank,
    size,
    remainder,
    weights,
  }: {
    readonly rank: number;
    readonly size: number;
    readonly remainder: Remainder;
    readonly weights?: readonly number[];
  },
): (Part & { readonly from: number; readonly to: number })[] {
  const counts = splits.map((split) => unseenOf(split, seen));
  const all = counts.reduce((sum, count) => sum + count, 0);
  // Padding comes from the end of the epoch, and is not part of anybody's block.
  const cut = remainder === "drop" ? "drop" : "uneven";
  const blocks = blockPartition(all, size, { remainder: cut, weights });
  const { start, end } = blocks[rank]!;
  const parts: ReturnType<typeof shareOf> = [];
  let at = 0;
  splits.forEach((split, i) => {
    const count = counts[i]!;
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, count);
    if (from < to) parts.push({ split, from, to });
    at += count;
  });
  const extra = all % size;
  const isPadded = remainder === "pad" && extra > 0 && rank >= extra;
  if (isPadded) {
    const last = counts.findLastIndex((count) => count > 0);
    const count = counts[last]!;
    parts.push({ split: splits[last]!, from: count - 1, to: count });
  }
  return parts;
}

/** How many of its records have not been seen. @param split says how many it has */
export function unseenOf(split: Split, seen: RecordSet): number {
  let count = 0;
  const first = split.place.record;
  for (const [from, to] of gapsIn(
    seen,
    split.file,
    first,
    first + split.records!,
  ))
    count += to - from;
  return count;
}
