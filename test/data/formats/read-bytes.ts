import {
  BEGINNING,
  type DataRecord,
  type Format,
  type FormatOptions,
  recordDecoder,
  type RecordPlace,
} from "@tsmpi/data";
import { memorySink, sourceOf } from "./memory-file";

/** The records of a file in memory. */
export async function readBytes<Schema>(
  format: Format<Schema>,
  content: string | Uint8Array,
  options: FormatOptions = {},
  place: RecordPlace = BEGINNING,
): Promise<DataRecord[]> {
  const path = `x${format.extensions[0]}`;
  const source = sourceOf(path, Buffer.from(content as Uint8Array));
  const schema = await format.schema(source, options);
  const decode = await recordDecoder(format, schema);
  const records: DataRecord[] = [];
  for await (const raw of format.read(source, schema, place))
    raw.starts.forEach((_, i) => records.push(decode(raw, i, path)));
  return records;
}

/** These records as a file; what all are like is found out from the first `sampled` of them. */
export async function writeBytes<Schema>(
  { extensions, writing }: Format<Schema>,
  records: readonly DataRecord[],
  options: FormatOptions = {},
  sampled = records.length,
): Promise<Uint8Array> {
  const sink = memorySink(`x${extensions[0]}`);
  const schema = await writing!.schemaOf(records.slice(0, sampled), options);
  const encode = await writing!.encoder(schema);
  const writer = writing!.writer(sink, schema);
  for (const record of records) await writer.write(encode(record));
  await writer.end();
  return sink.bytes();
}
