import { dtypeOf, isFloat } from "@tsmpi/protocol";
import type { FieldValue } from "./record";

/** Whether all numbers in it are numbers. */
export function isFinite(value: FieldValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  if (!ArrayBuffer.isView(value))
    return Object.values<FieldValue>(
      value as Readonly<Record<string, FieldValue>>,
    ).every(isFinite);
  if (!holdsFloats(value)) return true;
  const numbers = value as Float32Array | Float64Array;
  return areFinite(numbers, 0, numbers.length);
}

/** Those from `from` to `to` (exclusive). */
export const areFinite = (
  numbers: Float32Array | Float64Array,
  from: number,
  to: number,
): boolean =>
  numbers instanceof Float32Array
    ? areFiniteFloats(numbers, from, to)
    : areFiniteDoubles(numbers, from, to);

/** No sum of 32-bit floats is too large for a double. Eight sums: each addition waits for the one before it. */
function areFiniteFloats(
  numbers: Float32Array,
  from: number,
  to: number,
): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  let i = from;
  for (; i + 7 < to; i += 8) {
    a += numbers[i]!;
    b += numbers[i + 1]!;
    c += numbers[i + 2]!;
    d += numbers[i + 3]!;
    e += numbers[i + 4]!;
    f += numbers[i + 5]!;
    g += numbers[i + 6]!;
    h += numbers[i + 7]!;
  }
  for (; i < to; i++) a += numbers[i]!;
  return Number.isFinite(a + b + c + d + e + f + g + h);
}

/** 0 × x is 0 for all numbers but those. */
function areFiniteDoubles(
  numbers: Float64Array,
  from: number,
  to: number,
): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    a += numbers[i]! * 0;
    b += numbers[i + 1]! * 0;
    c += numbers[i + 2]! * 0;
    d += numbers[i + 3]! * 0;
  }
  for (; i < to; i++) a += numbers[i]! * 0;
  return a + b + c + d === 0;
}

/** By their constructors: asking each array anew costs more than looking at a few numbers. */
const kinds = new Map<unknown, boolean>();

function holdsFloats(array: ArrayBufferView): boolean {
  let found = kinds.get(array.constructor);
  if (found === undefined) {
    const dtype = dtypeOf(array);
    kinds.set(array.constructor, (found = dtype !== null && isFloat(dtype)));
  }
  return found;
}
