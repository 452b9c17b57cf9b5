import {
  ArgumentError,
  checkArgument,
  checkOptions,
  type Kind,
  isObject,
  TEXT,
} from "@tsmpi/protocol";
import { FORMAT_OPTIONS } from "./dataset-options";
import { recordFiles } from "./files/record-file";
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
  options: FormatOptions & { readonly format?: FormatName } = {},
): Promise<number> {
  checkArgument("writeRecords", "path", path, TEXT);
  checkArgument("writeRecords", "records", records, ITERABLE);
  checkOptions("writeRecords", options, FORMAT_OPTIONS);
  const { format: name, ...others } = options;
  const { writing, name: found } = formatOf(path, name);
  if (writing === undefined)
    throw new ArgumentError(
      `${path} would be ${found}, which is read and not written; write tfrecord, say`,
    );
  const iterator = iterate(records, path);
  try {
    const first: DataRecord[] = [];
    while (first.length < SAMPLE_RECORDS) {
      const next = await iterator.next();
      if (next.done) break;
      first.push(next.value);
    }
    const schema = await writing.schemaOf(first, others);
    const open = await recordFiles(writing, schema);
    const file = await open(path);
    try {
      let record = 0;
      for (const one of first)
        await file.write(one, { path, record: record++ });
      for await (const one of iterator)
        await file.write(one, { path, record: record++ });
      await file.publish();
      return record;
    } catch (error) {
      await file.discard();
      throw error;
    }
  } finally {
    // Whoever makes the records may have files open.
    await iterator.return(undefined);
  }
}

const ITERABLE: Kind = {
  words: "a list of records, or what yields them one by one",
  has: (value) =>
    typeof value === "object" &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value),
};

async function* iterate(
  records: Iterable<DataRecord> | AsyncIterable<DataRecord>,
  path: string,
): AsyncGenerator<DataRecord, undefined> {
  let number = 0;
  for await (const record of records) {
    if (!isObject(record))
      throw recordError(
        path,
        { record: number },
        `a record is an object of fields by name, and this is ${record === null ? "null" : Array.isArray(record) ? "a list" : `a ${typeof record}`}`,
      );
    number++;
    yield record;
  }
}
