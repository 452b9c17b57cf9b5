import {
  bfloat16FromNumber,
  bytesOf,
  type Dtype,
  float16FromNumber,
  type TypedArray,
} from "@tsmpi/protocol";

// What buffers hold, before a call and after it: a function of place and rank, so that every rank knows what to expect without
// a message. Sums of small whole numbers are exact in every dtype, whatever the order.

/** Writes bytes that differ from seed to seed and from place to place. */
export function fillPattern(array: TypedArray, seed: number): void {
  const bytes = bytesOf(array);
  const step = 11 + 2 * (seed >>> 8);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = seed * 37 + i * step + (i >>> 8) * 5 + (i >>> 16);
}

/** Writes what this rank adds. */
export function fillAddends(
  array: TypedArray,
  dtype: Dtype,
  { rank, size }: { readonly rank: number; readonly size: number },
): void {
  const period = periodOf(size);
  fillPeriodically(array, dtype, period, (i) => (rank + i) % period);
}

/** The largest number that a rank adds; the smallest is 0. */
export const mostAddend = (size: number): number => periodOf(size) - 1;

/** Writes the sums of what the ranks `from` … `to` − 1 of `size` add. */
export function fillSums(
  array: TypedArray,
  dtype: Dtype,
  {
    from,
    to,
    size,
  }: { readonly from: number; readonly to: number; readonly size: number },
): void {
  const period = periodOf(size);
  fillPeriodically(array, dtype, period, (i) => {
    let sum = 0;
    for (let rank = from; rank < to; rank++) sum += (rank + i) % period;
    return sum;
  });
}

/** Prime, so that whatever lands a power of two away from its place is wrong there; sums stay below 128 while that is possible. */
const periodOf = (size: number): number =>
  [13, 11, 7, 5, 3].find((prime) => size * (prime - 1) < 128) ?? 2;

function fillPeriodically(
  array: TypedArray,
  dtype: Dtype,
  period: number,
  valueOf: (i: number) => number,
): void {
  const elements = Array.from({ length: period }, (_, i) =>
    elementOf(dtype, valueOf(i)),
  );
  const target = array as { length: number; [i: number]: number | bigint };
  for (let i = 0; i < target.length; i++)
    target[i] = elements[(i + (i >>> 10)) % period]!;
}

function elementOf(dtype: Dtype, value: number): number | bigint {
  switch (dtype) {
    case "bigint64":
    case "biguint64":
      return BigInt(value);
    case "float16":
      return float16FromNumber(value);
    case "bfloat16":
      return bfloat16FromNumber(value);
    case "int8":
    case "uint8":
    case "int16":
    case "uint16":
    case "int32":
    case "uint32":
    case "float32":
    case "float64":
      return value;
  }
}
