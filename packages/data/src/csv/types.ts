import { DataError } from "@tsmpi/protocol";
import type { ColumnType } from "../format";
import type { FieldValue } from "../records/record";
import type { Column } from "./schema";
import type { Field } from "./fields";
import { optionInWords } from "../option-words";

const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;
const NOT_FINITE = /^\s*([-+]?)(nan|inf(?:inity)?)\s*$/i;
/** A number that means something else with its zeros in front: a postal code, say. */
const ZERO_IN_FRONT = /^\s*[-+]?0\d/;
const WHOLE = /^\s*[-+]?\d+\s*$/;
const BOOLEAN = /^\s*(true|false)\s*$/i;

/** What all these are, those that stand in quotes being text. */
export function typeOfColumn(
  fields: Iterable<{ readonly value: Field; readonly isQuoted: boolean }>,
): ColumnType {
  let type: ColumnType | null = null;
  for (const { value, isQuoted } of fields) {
    if (value === null) continue;
    const own = isQuoted ? "text" : typeOfValue(value);
    if (own === "text" || (type !== null && own !== type)) return "text";
    type = own;
  }
  return type ?? "text";
}

function typeOfValue(value: string): ColumnType {
  if (BOOLEAN.test(value)) return "boolean";
  if (NOT_FINITE.test(value)) return "number";
  return NUMBER.test(value) && !ZERO_IN_FRONT.test(value) && isExact(value)
    ? "number"
    : "text";
}

/** A whole number of which a double holds each digit, or no whole number. */
const isExact = (value: string): boolean =>
  !WHOLE.test(value) ||
  BigInt(value.replace("+", "")) === BigInt(Number(value));

/** What a column's fields are in a record. @throws {DataError} another type */
export function converter({
  name,
  type,
}: Column): (field: Field) => FieldValue {
  switch (type) {
    case "text":
      return (field) => field;
    case "number":
      return (field) => {
        if (field === null || field === "") return null;
        const value = Number(field);
        if (Number.isSafeInteger(value) || !WHOLE.test(field)) {
          if (value === value && field.trim() !== "") return value;
        } else if (isExact(field)) return value;
        return unusualNumber(name, field);
      };
    case "boolean":
      return (field) => {
        if (field === null || field === "") return null;
        if (field === "true") return true;
        if (field === "false") return false;
        const word = BOOLEAN.exec(field)?.[1];
        if (word !== undefined) return word.toLowerCase() === "true";
        throw wrongType(name, type, field);
      };
  }
}

function unusualNumber(name: string, field: string): number {
  const [, sign, word] = NOT_FINITE.exec(field) ?? [];
  if (word !== undefined)
    return word.toLowerCase() === "nan"
      ? NaN
      : sign === "-"
        ? -Infinity
        : Infinity;
  if (WHOLE.test(field))
    throw new DataError(
      `column ${name} has ${field}, of which a number cannot hold each digit; read it as text: ${optionInWords("columns", { [name]: "text" })}`,
    );
  throw wrongType(name, "number", field);
}

const wrongType = (name: string, type: ColumnType, field: string): DataError =>
  new DataError(
    `column ${name} is of type ${type}, and ${JSON.stringify(field)} is none; if that is right, read it as text: ${optionInWords("columns", { [name]: "text" })}`,
  );

/** A number as text that is read as the same number. */
export function numeral(value: number): string {
  if (Object.is(value, -0)) return "-0";
  // Beyond 2^53 not each digit that JavaScript shows is one of the number.
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? value.toExponential()
    : `${value}`;
}
