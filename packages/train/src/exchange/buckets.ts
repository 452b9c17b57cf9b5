const BYTES_PER_ELEMENT = 4;

/**
 * Deals entries, in this order, into buckets of at most `bucketBytes`; an entry that is larger has a bucket of its own. At least one.
 *
 * @param lengths float32 elements of each entry
 * @param order indices of the entries
 * @param firstBytes of the first bucket: a small one leaves early
 */
export function bucketsOf({
  lengths,
  order,
  firstBytes,
  bucketBytes,
}: {
  readonly lengths: readonly number[];
  readonly order: readonly number[];
  readonly firstBytes: number;
  readonly bucketBytes: number;
}): number[][] {
  let last: number[] = [];
  const buckets = [last];
  let bytes = 0;
  for (const entry of order) {
    const more = lengths[entry]! * BYTES_PER_ELEMENT;
    const limit = buckets.length === 1 ? firstBytes : bucketBytes;
    if (last.length > 0 && bytes + more > Math.min(limit, bucketBytes)) {
      buckets.push((last = []));
      bytes = 0;
    }
    last.push(entry);
    bytes += more;
  }
  return buckets;
}
