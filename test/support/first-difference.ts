import { bytesOf, type TypedArray } from "@tsmpi/protocol";

/** Where two arrays begin to differ, with both values; null if they do not. Any NaN is like any other. Fast, unlike `toEqual`. */
export function firstDifference(
  a: TypedArray,
  b: TypedArray,
): [index: number, unknown, unknown] | null {
  // Of what differs, most often only the bits of a NaN do.
  if (Buffer.compare(bytesOf(a), bytesOf(b)) === 0) return null;
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    if (!Object.is(a[i], b[i])) return [i, a[i], b[i]];
  return null;
}
