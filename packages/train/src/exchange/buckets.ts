const BYTES_PER_ELEMENT = 4;

/** A run of consecutive entries. */
export interface EntryRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts entries into consecutive runs of at most `bucketBytes`; an entry that is larger has a run of its own. At least one run.
 *
 * @param lengths float32 elements of each entry
 */
export function bucketRanges(
  lengths: readonly number[],
  bucketBytes: number,
): EntryRange[] {
  const ranges: EntryRange[] = [];
  let start = 0;
  let bytes = 0;
  lengths.forEach((length, i) => {
    const more = length * BYTES_PER_ELEMENT;
    if (i > start && bytes + more > bucketBytes) {
      ranges.push({ start, end: i });
      start = i;
      bytes = 0;
    }
    bytes += more;
  });
  return [...ranges, { start, end: lengths.length }];
}
