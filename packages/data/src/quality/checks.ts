import { dtypeOf, isFloat } from "@tsmpi/protocol";
import type { DataRecord, FieldValue } from "../records/record";

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
  return areFinite(numbers);
}

/** 0 × x is 0 for all numbers but those. Eight sums: each addition waits for the one before it. */
function areFinite(numbers: Float32Array | Float64Array): boolean {
  const { length } = numbers;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  let i = 0;
  for (; i + 7 < length; i += 8) {
    a += numbers[i]! * 0;
    b += numbers[i + 1]! * 0;
    c += numbers[i + 2]! * 0;
    d += numbers[i + 3]! * 0;
    e += numbers[i + 4]! * 0;
    f += numbers[i + 5]! * 0;
    g += numbers[i + 6]! * 0;
    h += numbers[i + 7]! * 0;
  }
  for (; i < length; i++) a += numbers[i]! * 0;
  return a + b + c + d + e + f + g + h === 0;
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

/** null: all labels in the field are whole numbers from 0 to below `classes`. */
export function wrongLabel(
  record: DataRecord,
  { field, classes }: { readonly field: string; readonly classes: number },
): string | null {
  const value = record[field];
  const labels = numbersOf(value);
  const isLabel = (label: unknown): boolean => {
    const number = typeof label === "bigint" ? Number(label) : label;
    return (
      Number.isInteger(number) &&
      (number as number) >= 0 &&
      (number as number) < classes
    );
  };
  if (labels.length > 0 && labels.every(isLabel)) return null;
  return `"${field}" is ${value === undefined ? "missing" : keyOf(value)}, and should be a whole number from 0 to ${classes - 1}`;
}

const numbersOf = (value: FieldValue | undefined): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  return ArrayBuffer.isView(value)
    ? Array.from<number | bigint>(value as Int32Array)
    : [value];
};

/** A text that two values have in common only if they are equal. */
export function keyOf(value: FieldValue | undefined): string {
  if (typeof value === "bigint") return String(value);
  const plain = ArrayBuffer.isView(value)
    ? Array.from<number | bigint>(value as Int32Array).map(String)
    : value;
  return typeof plain === "string" ? plain : JSON.stringify(plain ?? null);
}
