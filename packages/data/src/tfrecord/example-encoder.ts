import { bytesOf, DataError, dtypeOf } from "@tsmpi/protocol";
import type { DataRecord, FieldValue } from "../records/record";
import { BackwardWriter } from "./backward-writer";
import {
  BYTES_LIST,
  type ExampleSchema,
  FLOAT_LIST,
  INT64_LIST,
  type NumberKind,
} from "./schema";

/** Field 1 with a length: of Example, Features, an entry of the map (its key) and every list. */
const FIRST = 0x0a;
/** Field 2 of an entry of the map. */
const VALUE = 0x12;

const LISTS: Readonly<Record<NumberKind, number>> = {
  float: FLOAT_LIST,
  int64: INT64_LIST,
};

/**
 * Bytes of a tf.train.Example, its features in the order of their names' bytes: what Python's
 * `SerializeToString(deterministic=True)` makes of the same.
 */
export function exampleEncoder({
  numbers,
}: ExampleSchema): (record: DataRecord) => Uint8Array {
  const writer = new BackwardWriter();
  const inOrder = sorter();
  return (record) => {
    const names = inOrder(Object.keys(record));
    for (let i = names.length - 1; i >= 0; i--) {
      const { name, bytes } = names[i]!;
      const kind = Object.hasOwn(numbers, name) ? numbers[name]! : null;
      const end = writer.length;
      try {
        writeFeature(writer, record[name], kind);
      } catch (error) {
        writer.take();
        throw new DataError(`feature ${name}: ${(error as Error).message}`, {
          cause: error,
        });
      }
      writer.close(VALUE, end);
      const beforeKey = writer.length;
      writer.raw(bytes);
      writer.close(FIRST, beforeKey);
      writer.close(FIRST, end);
    }
    writer.close(FIRST, 0);
    return writer.take();
  };
}

interface Name {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Sorts only where names are others than in the record before. */
function sorter(): (names: readonly string[]) => readonly Name[] {
  let last: readonly string[] = [];
  let sorted: readonly Name[] = [];
  return (names) => {
    if (
      names.length !== last.length ||
      !names.every((name, i) => name === last[i])
    ) {
      last = names;
      sorted = names
        .map((name) => ({ name, bytes: Buffer.from(name) }))
        .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    }
    return sorted;
  };
}

/** @param numbers where JavaScript's numbers go to, if it is known of this feature; all other values tell it themselves */
function writeFeature(
  writer: BackwardWriter,
  value: FieldValue | undefined,
  numbers: NumberKind | null,
): void {
  if (value === null || value === undefined) return;
  const dtype = dtypeOf(value);
  if (dtype === "float32") writeFloats(writer, value as Float32Array);
  else if (dtype === "float64")
    writeFloats(writer, Float32Array.from(value as Float64Array));
  else if (dtype === "uint8") writeValues(writer, [value as Uint8Array]);
  else if (dtype !== null)
    writeIntegers(writer, value as ArrayLike<number | bigint>);
  else if (Array.isArray(value))
    writeList(writer, value as readonly FieldValue[], numbers);
  else writeList(writer, [value], numbers);
}

const isBytes = (value: FieldValue): value is string | Uint8Array =>
  typeof value === "string" || dtypeOf(value) === "uint8";

function writeList(
  writer: BackwardWriter,
  values: readonly FieldValue[],
  numbers: NumberKind | null,
): void {
  const isEach = (...types: readonly string[]): boolean =>
    values.every((value) => types.includes(typeof value));
  if (values.length === 0)
    writer.close(numbers === null ? BYTES_LIST : LISTS[numbers], writer.length);
  else if (values.every(isBytes)) writeValues(writer, values);
  else if (isEach("number") && numbers !== "int64")
    writeFloats(writer, Float32Array.from(values as number[]));
  else if (isEach("number", "bigint", "boolean"))
    writeIntegers(writer, values as (number | bigint | boolean)[]);
  else
    throw new DataError(
      "tf.train.Example holds a number, a text, bytes, or a list of one of these",
    );
}

function writeFloats(writer: BackwardWriter, floats: Float32Array): void {
  const end = writer.length;
  if (floats.length > 0) {
    writer.raw(bytesOf(floats));
    writer.close(FIRST, end);
  }
  writer.close(FLOAT_LIST, end);
}

function writeValues(
  writer: BackwardWriter,
  values: readonly (string | Uint8Array)[],
): void {
  const end = writer.length;
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i]!;
    const before = writer.length;
    writer.raw(typeof value === "string" ? Buffer.from(value) : value);
    writer.close(FIRST, before);
  }
  writer.close(BYTES_LIST, end);
}

const one = new BigInt64Array(1);
const words = new Int32Array(one.buffer);

function writeIntegers(
  writer: BackwardWriter,
  values: ArrayLike<number | bigint | boolean>,
): void {
  const end = writer.length;
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i]!;
    if (typeof value === "number" && !Number.isSafeInteger(value))
      throw new DataError(
        `${value} is no whole number that is exact, as those of the first records are; make it a Float32Array in all of them`,
      );
    const exact = BigInt(value);
    one[0] = exact;
    if (one[0] !== exact)
      throw new DataError(`${exact} does not fit 64 bits with a sign`);
    writer.varint(words[0]!, words[1]!);
  }
  if (values.length > 0) writer.close(FIRST, end);
  writer.close(INT64_LIST, end);
}
