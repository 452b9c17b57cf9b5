import type { TypedArray } from "@tsmpi/protocol";

/** Where two arrays begin to differ, with both values; null if they do not. Any NaN is like any other. Fast, unlike `toEqual`. */
export function firstDifference(
  a: TypedArray,
  b: TypedArray,
): [index: number, unknown, unknown] | null {
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    if (!Object.is(a[i], b[i])) return [i, a[i], b[i]];
  return null;
}
