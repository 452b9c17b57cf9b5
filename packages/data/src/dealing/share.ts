import type { RecordSet } from "../feed";
import { gapsIn } from "../records/record-set";
import type { Split } from "../epoch/splits";
import type { Remainder } from "../partition/block-partition";

/** Of a split, the records from the `from`-th to the `to`-th (exclusive) of those that have not been seen. */
export interface Part {
  readonly split: Split;
  readonly from: number;
  readonly to: number;
}

/**
 * A rank's equal share of an epoch: a block of its records, as they follow each other in these splits, of which all lengths are
 * known. Pure, so that every rank finds its own without a word.
 *
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
  }: {
    readonly rank: number;
    readonly size: number;
    readonly remainder: Remainder;
  },
): Part[] {
  const counts = splits.map((split) => unseenOf(split, seen));
  const all = counts.reduce((sum, count) => sum + count, 0);
  const each = Math.floor(all / size);
  const extra = all % size;
  const hasExtra = remainder !== "drop" && rank < extra;
  const before =
    remainder === "drop" ? each * rank : each * rank + Math.min(rank, extra);
  const [start, end] = [before, before + each + (hasExtra ? 1 : 0)];
  const parts: Part[] = [];
  let at = 0;
  splits.forEach((split, i) => {
    const count = counts[i]!;
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, count);
    if (from < to) parts.push({ split, from, to });
    at += count;
  });
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
