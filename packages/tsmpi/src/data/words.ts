import type { FieldValue } from "@tsmpi/data";
import { dtypeOf } from "@tsmpi/protocol";

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `31.4 MB` */
export function bytesInWords(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `1,200 records` */
export const countInWords = (count: number, what: string): string =>
  `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;

const LONGEST_TEXT = 60;
const MOST_ELEMENTS = 6;

/** What a field holds, in at most a line. */
export function valueInWords(value: FieldValue): string {
  if (typeof value === "string") return textInWords(value);
  if (typeof value !== "object" || value === null) return String(value);
  const type = kindOf(value);
  if (ArrayBuffer.isView(value))
    return `${type} ${elementsInWords([...(value as Uint8Array).subarray(0, MOST_ELEMENTS)].map(numberInWords), (value as Uint8Array).length)}`;
  if (Array.isArray(value)) {
    const list = value as readonly FieldValue[];
    const first = list.slice(0, MOST_ELEMENTS).map(valueInWords);
    return shorten(`[${elementsInWords(first, list.length, ", ")}]`);
  }
  const fields = Object.entries(value as Record<string, FieldValue>);
  return shorten(
    `{${fields.map(([name, inside]) => `${name}: ${valueInWords(inside)}`).join(", ")}}`,
  );
}

/** `float32[784]`, `text`, `number`; of numbers in an array how many, too. */
export function kindOf(value: FieldValue | undefined): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (ArrayBuffer.isView(value))
    return `${dtypeOf(value) ?? "bytes"}[${(value as Uint8Array).length}]`;
  if (Array.isArray(value)) return "list";
  return typeof value === "string" ? "text" : typeof value;
}

/** For JSON: typed arrays become lists, and integers of 64 bits text. */
export const plainValue = (_name: string, value: unknown): unknown =>
  typeof value === "bigint"
    ? String(value)
    : ArrayBuffer.isView(value)
      ? Array.from(value as Uint8Array)
      : value;

/** What comes from a file, for a terminal: control characters, which it would obey, are seen. */
export const printable = (text: string): string =>
  text.replace(
    /\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Columns that begin below each other. */
export function inColumns(texts: readonly (readonly string[])[]): string[] {
  const rows = texts.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows)
    row.forEach(
      (cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)),
    );
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
}

const elementsInWords = (
  first: readonly string[],
  length: number,
  between = " ",
): string => first.join(between) + (length > first.length ? `${between}…` : "");

const numberInWords = (value: number | bigint): string =>
  typeof value === "bigint" || Number.isInteger(value)
    ? String(value)
    : String(Number(value.toPrecision(6)));

function textInWords(text: string): string {
  const whole = JSON.stringify(text);
  return whole.length <= LONGEST_TEXT
    ? whole
    : `${JSON.stringify(text.slice(0, LONGEST_TEXT - 10)).slice(0, -1)}…" (${countInWords(text.length, "character")})`;
}

const shorten = (text: string): string =>
  text.length <= 2 * LONGEST_TEXT
    ? text
    : `${text.slice(0, 2 * LONGEST_TEXT - 2)} …`;
