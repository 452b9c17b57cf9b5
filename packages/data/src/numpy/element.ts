import {
  bytesOf,
  bytesPerElement,
  DataError,
  type Dtype,
  dtypeOf,
  float16ToNumber,
  type TypedArray,
  viewAs,
} from "@tsmpi/protocol";
import type { DataRecord, FieldValue } from "../records/record";

/** What an array is made of, and how one row of it is shaped. Plain data. */
export interface Rowed {
  readonly element: Element;
  readonly isBigEndian: boolean;
  /** Without the first axis; `[]`: a row is a single number. */
  readonly shape: readonly number[];
}

/** Names of the project's dtypes, and booleans of a byte. */
export type Element = Exclude<Dtype, "bfloat16"> | "bool";

/** By what NumPy's `descr` says behind the order of bytes. */
const ELEMENTS: Readonly<Record<string, Element>> = {
  ...{ b1: "bool", i1: "int8", u1: "uint8", i2: "int16", u2: "uint16" },
  ...{ i4: "int32", u4: "uint32", i8: "bigint64", u8: "biguint64" },
  ...{ f2: "float16", f4: "float32", f8: "float64" },
};
const CODES = new Map(
  Object.entries(ELEMENTS).map(([code, element]) => [element, code]),
);

const memoryOf = (element: Element): Dtype =>
  element === "bool" ? "uint8" : element;

export const elementBytes = (element: Element): number =>
  bytesPerElement(memoryOf(element));

export const rowBytesOf = ({ element, shape }: Rowed): number =>
  shape.reduce((bytes, length) => bytes * length, elementBytes(element));

/** @param descr `<f4`, say. @throws {DataError} nothing that a typed array holds */
export function elementOf(
  descr: string,
): Pick<Rowed, "element" | "isBigEndian"> {
  const [, order, code] = /^([<>|=])(\w+)$/.exec(descr) ?? [];
  const element = Object.hasOwn(ELEMENTS, code ?? "")
    ? ELEMENTS[code!]
    : undefined;
  if (element === undefined)
    throw new DataError(
      `its elements are of type ${descr}; numbers (${Object.keys(ELEMENTS).join(", ")}) can be read: convert it in Python with .astype("<f4"), say`,
    );
  return { element, isBigEndian: order === ">" };
}

export const descrOf = (element: Element): string =>
  `${elementBytes(element) === 1 ? "|" : "<"}${CODES.get(element)!}`;

/**
 * Makes one row of its bytes: a typed array in memory of its own, or a number (bigint, boolean) where a row is a single one.
 * Numbers of 16 bits that are floats become a Float32Array.
 */
export function rowReader(
  rowed: Rowed,
): (bytes: Uint8Array, start: number) => FieldValue {
  const { element, isBigEndian, shape } = rowed;
  const length = rowBytesOf(rowed);
  const [dtype, size] = [memoryOf(element), elementBytes(element)];
  return (bytes, start) => {
    const copy = new Uint8Array(length);
    copy.set(bytes.subarray(start, start + length));
    if (isBigEndian) swap(copy, size);
    const stored = viewAs(dtype, copy.buffer, 0, length / size);
    const values =
      element === "float16"
        ? Float32Array.from(stored as Uint16Array, float16ToNumber)
        : stored;
    if (shape.length > 0) return values;
    return element === "bool" ? values[0] !== 0 : values[0]!;
  };
}

function swap(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size)
    bytes.subarray(at, at + size).reverse();
}

/** What rows of this value are; null: none. */
export function rowedAs(value: FieldValue | undefined): Rowed | null {
  const of = (element: Element, ...shape: number[]): Rowed => ({
    ...{ element, isBigEndian: false, shape },
  });
  if (typeof value === "number") return of("float64");
  if (typeof value === "bigint") return of("bigint64");
  if (typeof value === "boolean") return of("bool");
  const dtype = dtypeOf(value);
  if (dtype !== null) return of(dtype as Element, (value as TypedArray).length);
  const isNumbers =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => typeof one === "number");
  return isNumbers ? of("float64", value.length) : null;
}

/** The bytes of a row, as `rowedAs` has said of the first one. @throws {DataError} it is of another kind or length */
export function rowWriter(
  name: string,
  rowed: Rowed,
): (value: FieldValue | undefined) => Uint8Array {
  const wanted = inWords(rowed);
  return (value) => {
    const own = rowedAs(value);
    if (own === null || inWords(own) !== wanted)
      throw new DataError(
        `${name} is ${own === null ? "no number, and no array of numbers" : inWords(own)}, and ${wanted} in the first record; all rows of an array are alike`,
      );
    const values = ArrayBuffer.isView(value)
      ? value
      : arrayOf(own.element, value);
    // A copy: the program may use its array for the next record.
    return bytesOf(values).slice();
  };
}

/** Of values that are no typed array. */
function arrayOf(element: Element, value: FieldValue | undefined): TypedArray {
  const list = Array.isArray(value) ? value : [value];
  if (element === "float64") return Float64Array.from(list as number[]);
  if (element === "bool") return Uint8Array.from(list as boolean[], Number);
  const array = BigInt64Array.from(list as bigint[]);
  if (array[0] !== list[0])
    throw new DataError(`${String(list[0])} does not fit 64 bits`);
  return array;
}

export const inWords = ({ element, shape }: Rowed): string =>
  `${element} [${shape.join(", ")}]`;

/** @throws {DataError} it is not there: arrays of no record would have neither type nor shape */
export function assertFirst(
  record: DataRecord | undefined,
): asserts record is DataRecord {
  if (record === undefined)
    throw new DataError(
      "there are no records, and arrays have the types and shapes that the first one has; write at least one, or another format, jsonl say",
    );
}
