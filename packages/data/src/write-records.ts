import { ArgumentError } from "@tsmpi/protocol";
import { openSink } from "./files/byte-sink";
import type { FormatOptions } from "./format";
import type { DataRecord } from "./records/record";
import { recordError } from "./records/record-error";
import { formatOf, type FormatName } from "./registry";

/** Looked at, to find out what all records are to be like. */
export const SAMPLE_RECORDS = 1000;

/**
 * Writes records into a file of the format that its name says: `digits-00000-of-00016.tfrecord`, `.jsonl.gz`. It has its name when
 * all of them are in it; if something goes wrong, nothing is left behind.
 *
 *     await writeRecords("squares.jsonl", [1, 2, 3].map((n) => ({ n, square: n * n })));
 *
 * @param options `format` where the name does not tell it, and what that format wants to know: `proto`, `message`, `delimiter` …
 * @returns how many records there were
 * @throws {DataError} a record that is not like the first ones, or a full disk
 * @throws {ArgumentError} files of this format are read only
 */
export async function writeRecords(
  path: string,
  records: Iterable<DataRecord> | AsyncIterable<DataRecord>,
  {
    format: name,
    ...options
  }: FormatOptions & { readonly format?: FormatName } = {},
): Promise<number> {
  const { writing, name: found } = formatOf(path, name);
  if (writing === undefined)
    throw new ArgumentError(
      `${path} would be ${found}, which is read and not written; write tfrecord, say`,
    );
  const iterator = iterate(records);
  const first: DataRecord[] = [];
  while (first.length < SAMPLE_RECORDS) {
    const next = await iterator.next();
    if (next.done) break;
    first.push(next.value);
  }
  const schema = await writing.schemaOf(first, options);
  const encode = await writing.encoder(schema);
  const sink = openSink(path);
  const writer = writing.writer(sink, schema);
  let count = 0;
  const write = async (record: DataRecord): Promise<void> => {
    await writer.write(placed(record));
    count++;
  };
  const placed = (record: DataRecord): Uint8Array => {
    try {
      return encode(record);
    } catch (cause) {
      throw recordError(path, { record: count }, cause);
    }
  };
  try {
    for (const record of first) await write(record);
    for await (const record of iterator) await write(record);
    await writer.end();
    await sink.publish();
    return count;
  } catch (error) {
    await writer.discard?.();
    await sink.discard();
    throw error;
  }
}

async function* iterate<T>(
  items: Iterable<T> | AsyncIterable<T>,
): AsyncGenerator<T, undefined> {
  yield* items;
}
