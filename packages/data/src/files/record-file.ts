import type { RecordWriter, Writing } from "../format";
import type { DataRecord } from "../records/record";
import { recordError } from "../records/record-error";
import { openSink } from "./byte-sink";

/** A file of records that is being written. */
export interface RecordFile {
  /**
   * @param place of the record where it comes from, for errors
   * @throws {DataError} one that is not like the others, with its place; a full disk
   */
  write(record: DataRecord, place: RecordOrigin): Promise<void>;
  /** It is whole, and gets its name. */
  publish(): Promise<void>;
  /** Instead: leaves nothing behind. */
  discard(): Promise<void>;
}

export interface RecordOrigin {
  readonly path: string;
  readonly record: number;
}

/** @returns a function that begins a file of this kind; if it throws, nothing is left behind */
export async function recordFiles<Schema>(
  writing: Writing<Schema>,
  schema: Schema,
): Promise<(path: string) => Promise<RecordFile>> {
  const encode = await writing.encoder(schema);
  const placed = (record: DataRecord, place: RecordOrigin): Uint8Array => {
    try {
      return encode(record);
    } catch (cause) {
      throw recordError(place.path, { record: place.record }, cause);
    }
  };
  return async (path) => {
    const sink = openSink(path);
    let writer: RecordWriter;
    try {
      writer = writing.writer(sink, schema);
    } catch (error) {
      await sink.discard();
      throw error;
    }
    return {
      write: (record, place) => writer.write(placed(record, place)),
      async publish() {
        await writer.end();
        await sink.publish();
      },
      async discard() {
        try {
          await writer.discard?.();
        } finally {
          await sink.discard();
        }
      },
    };
  };
}
