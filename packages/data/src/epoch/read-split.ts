import { DataError } from "@tsmpi/protocol";
import { type Catalogue, formatIn } from "../catalogue/catalogue";
import type { FileRecords, RecordSet } from "../feed";
import { openSource } from "../files/byte-source";
import type { ReadMemory } from "../files/read-memory";
import { sliceRecords } from "../records/raw-records";
import { gapsIn } from "../records/record-set";
import type { Split } from "./splits";

/**
 * The records of a part of a file that have not been seen, in order.
 *
 * @param memory to read into: then records are the reader's until it asks for the next ones, and not to keep
 * @throws {DataError} the file is broken, or not the one that the catalogue was made of
 */
export async function* readSplit(
  catalogue: Catalogue,
  { file, place, records: count }: Split,
  seen: RecordSet,
  memory: ReadMemory | null = null,
): AsyncGenerator<FileRecords> {
  const { path, bytes } = catalogue.files[file]!;
  const source = await openSource(path, memory);
  if (source.bytes !== bytes)
    throw new DataError(
      `${path} has ${source.bytes} bytes, it had ${bytes} when the dataset was opened; files of a dataset must not change, and must be the same on every machine`,
    );
  const end = count === null ? Infinity : place.record + count;
  let at = place.record;
  const { schema } = catalogue;
  for await (const records of formatIn(catalogue).read(source, schema, place)) {
    const { first, starts } = records;
    at = Math.min(first + starts.length, end);
    for (const [from, to] of gapsIn(seen, file, first, at))
      yield { file, records: sliceRecords(records, from - first, to - first) };
    if (at === end) return;
  }
  if (count !== null)
    throw new DataError(
      `${path} ends behind record ${at - 1}, and had ${end} records when the dataset was opened`,
    );
}
