import type { DataRecord, FieldValue } from "../records/record";

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
