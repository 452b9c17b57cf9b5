import { type DataRecord, FORMATS, openSink, recordError } from "@tsmpi/data";
import type { DecodedRecords } from "../decoded";
import { plainRecords } from "./plain-records";

/** A file that is being written. */
export interface ShardFile {
  readonly records: number;
  /** @returns how many records @throws {DataError} one that is not like the others, by its place in the input; a full disk */
  write(decoded: DecodedRecords): Promise<number>;
  /** The file is whole, and gets its name. */
  close(): Promise<void>;
  discard(): Promise<void>;
}

/** What is written. */
export interface Output {
  /** Name of the format. */
  readonly format: string;
  readonly schema: unknown;
  /** Fields that are arrays of one value; null: fields stay what they are. */
  readonly singles: readonly string[] | null;
}

/** @returns a function that begins a file */
export async function shardFiles({
  format,
  schema,
  singles,
}: Output): Promise<(path: string) => ShardFile> {
  const writing = FORMATS.get(format)!.writing!;
  const encodePlain = await writing.encoder(schema);
  const plain = singles === null ? null : plainRecords(singles);
  const encode =
    plain === null
      ? encodePlain
      : (record: DataRecord) => encodePlain(plain(record));
  return (path) => {
    const sink = openSink(path);
    const writer = writing.writer(sink, schema);
    let count = 0;
    return {
      get records() {
        return count;
      },
      async write({ path, records, numbers }) {
        for (const [i, record] of records.entries())
          await writer.write(
            placed(encode, record, { path, record: numbers[i]! }),
          );
        count += records.length;
        return records.length;
      },
      async close() {
        await writer.end();
        await sink.publish();
      },
      async discard() {
        await writer.discard?.();
        await sink.discard();
      },
    };
  };
}

function placed(
  encode: (record: DataRecord) => Uint8Array,
  record: DataRecord,
  place: { readonly path: string; readonly record: number },
): Uint8Array {
  try {
    return encode(record);
  } catch (cause) {
    throw recordError(place.path, { record: place.record }, cause);
  }
}
