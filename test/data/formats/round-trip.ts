import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BEGINNING,
  type ByteSink,
  type ByteSource,
  type DataRecord,
  type Format,
  openSink,
  openSource,
  type RecordPlace,
  recordDecoder,
} from "@tsmpi/data";
import { DataError } from "@tsmpi/protocol";
import { memorySink, sourceOf } from "./memory-file";
import { Random, type Trial, TRIALS } from "./random-records";
import { isSameRecord } from "./same-record";

/** From which a format finds out what all records are like. */
const FIRST_RECORDS = 100;

/** As the name of a file for this format. */
const nameFor = ({ extensions }: Format): string => `trial${extensions[0]}`;

const trialOf = ({ name }: Format): Trial => TRIALS[name]!;

/** Writes records. @returns the bytes of each */
async function write(
  format: Format,
  sink: ByteSink,
  records: readonly DataRecord[],
): Promise<Uint8Array[]> {
  const { options = {} } = trialOf(format);
  const writing = format.writing!;
  const schema = await writing.schemaOf(
    records.slice(0, FIRST_RECORDS),
    options,
  );
  const encode = await writing.encoder(schema);
  const writer = writing.writer(sink, schema);
  const encoded: Uint8Array[] = [];
  for (const record of records) {
    const bytes = encode(record);
    encoded.push(bytes.slice());
    await writer.write(bytes);
  }
  await writer.end();
  await sink.publish();
  return encoded;
}

interface Read {
  readonly record: DataRecord;
  readonly bytes: Uint8Array;
  readonly number: number;
}

/** Reads and decodes from a place on. */
async function* read(
  format: Format,
  source: ByteSource,
  place: RecordPlace = BEGINNING,
): AsyncIterable<Read> {
  const schema = await format.schema(source, trialOf(format).options ?? {});
  const decode = await recordDecoder(format, schema);
  for await (const records of format.read(source, schema, place)) {
    const { bytes, starts, ends, first } = records;
    for (let i = 0; i < starts.length; i++)
      yield {
        record: decode(records, i, source.path),
        bytes: bytes.subarray(starts[i], ends[i]),
        number: first + i,
      };
  }
}

/** Where reading may begin: as the format says, or where it goes on to another piece of the file. */
async function placesIn(
  format: Format,
  source: ByteSource,
): Promise<{ records: number; places: readonly RecordPlace[] }> {
  const schema = await format.schema(source, trialOf(format).options ?? {});
  if (format.index) return format.index(source, schema);
  const places: RecordPlace[] = [];
  let records = 0;
  for await (const { first, offset, starts } of format.read(source, schema)) {
    places.push({ record: first, offset });
    records += starts.length;
  }
  return { records, places };
}

/** The same ones again and again: of fewer, the first ones. */
function randomRecords(format: Format, count: number): DataRecord[] {
  const random = new Random(8);
  const { record } = trialOf(format);
  return Array.from({ length: count }, (_, i) => record(random, i));
}

/** Of records that are read from one place, so many are compared; of those from the beginning, all. */
const COMPARED_RECORDS = 200;

/**
 * Writes random records into a file and reads them from its beginning, and from each place where reading may begin.
 *
 * @returns what differs: nothing
 */
export async function roundTrip(
  format: Format,
  count: number,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "tsmpi-formats-"));
  try {
    const path = join(folder, nameFor(format));
    const records = randomRecords(format, count);
    const encoded = await write(format, openSink(path), records);
    const source = await openSource(path);
    const { records: indexed, places } = await placesIn(format, source);
    const differences: string[] = [];
    if (indexed !== count) differences.push(`${indexed} records are indexed`);
    if (places[0]?.record !== 0) differences.push("the first place is another");
    for (const place of [BEGINNING, ...places]) {
      let at = place.record;
      const stop =
        place === BEGINNING ? count : Math.min(count, at + COMPARED_RECORDS);
      for await (const { record, bytes, number } of read(
        format,
        source,
        place,
      )) {
        const where = `record ${at}, read from ${place.record}`;
        if (number !== at) differences.push(`${where}: has number ${number}`);
        if (at >= count) differences.push(`${where}: was not written`);
        else if (Buffer.compare(bytes, encoded[at]!) !== 0)
          differences.push(`${where}: other bytes`);
        // What was decoded does not refer to the bytes it came from.
        bytes.fill(0);
        if (at < count && !isSameRecord(record, records[at]!))
          differences.push(`${where}: other values`);
        at++;
        if (at === stop && place !== BEGINNING) break;
        if (differences.length > 5) return differences;
      }
      if (at !== stop) differences.push(`from ${place.record}: ends at ${at}`);
    }
    return differences;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Some records as a file in memory. */
export async function fileOf(
  format: Format,
  count: number,
): Promise<Uint8Array> {
  const sink = memorySink(nameFor(format));
  await write(format, sink, randomRecords(format, count));
  return sink.bytes();
}

/**
 * Reads a damaged file.
 *
 * @returns the message of the `DataError` that says so, or how many records were read without one
 * @throws whatever else reading throws
 */
export async function readDamaged(
  format: Format,
  bytes: Uint8Array,
): Promise<string | number> {
  let count = 0;
  try {
    const source = sourceOf(nameFor(format), bytes);
    for await (const { record } of read(format, source))
      if (record !== undefined) count++;
    return count;
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
}

/** Whether reading notices when any bit of the file is another: it checks checksums, and hands them on. */
export async function hasChecksums(
  format: Format,
  bytes: Uint8Array,
): Promise<boolean> {
  const source = sourceOf(nameFor(format), bytes);
  const schema = await format.schema(source, trialOf(format).options ?? {});
  for await (const { checksums } of format.read(source, schema))
    return checksums !== undefined;
  return false;
}
