import { ArgumentError } from "@tsmpi/protocol";
import { recordFiles } from "./files/record-file";
import type { FormatOptions } from "./format";
import type { DataRecord } from "./records/record";
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
  try {
    const first: DataRecord[] = [];
    while (first.length < SAMPLE_RECORDS) {
      const next = await iterator.next();
      if (next.done) break;
      first.push(next.value);
    }
    const schema = await writing.schemaOf(first, options);
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

async function* iterate<T>(
  items: Iterable<T> | AsyncIterable<T>,
): AsyncGenerator<T, undefined> {
  yield* items;
}
