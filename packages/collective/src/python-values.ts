import { isBuiltIn, isPlainObject, typeTag } from "@tsmpi/protocol";

/**
 * What Python's built-in functions and comparisons say of a value, as far as JavaScript has its like: numbers and bigints are ints
 * and floats, booleans the ints 0 and 1, null is None, arrays are lists, Sets sets, Maps and plain objects dicts.
 */

/** Python's `bool(value)`: empty containers are false, NaN is true. */
export function truthOf(value: unknown): boolean {
  if (typeof value === "number") return value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (ArrayBuffer.isView(value)) return value.byteLength > 0;
  if (isSet(value) || isMap(value)) return value.size > 0;
  if (isRecord(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Python's `a < b`, null where Python raises TypeError. */
export function isLess(a: unknown, b: unknown): boolean | null {
  if (isNumeric(a) && isNumeric(b)) return a < b;
  if (typeof a === "string" && typeof b === "string") return isLessText(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return isLessList(a, b);
  if (isSet(a) && isSet(b)) return a.size < b.size && isSubset(a, b);
  if (isDate(a) && isDate(b)) return a < b;
  return null;
}

/** By code points, as Python has it; `<` compares UTF-16, where U+FFFD is above U+1F600. */
function isLessText(a: string, b: string): boolean {
  return isLessList([...a].map(codePoint), [...b].map(codePoint))!;
}

const codePoint = (character: string): number => character.codePointAt(0)!;

/** By the first items that differ; if one list begins with the other, the shorter is less. */
function isLessList(
  a: readonly unknown[],
  b: readonly unknown[],
): boolean | null {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++)
    if (!isEqual(a[i], b[i])) return isLess(a[i], b[i]);
  return a.length < b.length;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (isNumeric(a) && isNumeric(b)) return a == b; // 1, 1n and true are equal, in Python too.
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (isSet(a) && isSet(b)) return a.size === b.size && isSubset(a, b);
  if (isDate(a) && isDate(b)) return a.getTime() === b.getTime();
  return a === b;
}

const isSubset = (a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean =>
  [...a].every((item) => b.has(item));

export const isNumeric = (value: unknown): value is number | bigint | boolean =>
  typeof value === "number" ||
  typeof value === "bigint" ||
  typeof value === "boolean";

export const isSet = (value: unknown): value is ReadonlySet<unknown> =>
  typeTag(value) === "Set" && isBuiltIn(value as object);

export const isMap = (value: unknown): value is ReadonlyMap<unknown, unknown> =>
  typeTag(value) === "Map" && isBuiltIn(value as object);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && isPlainObject(value);

const isDate = (value: unknown): value is Date => typeTag(value) === "Date";
