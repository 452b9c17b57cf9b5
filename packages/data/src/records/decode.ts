import { DataError } from "@tsmpi/protocol";
import type { Format } from "../format";
import { isDamaged, type RawRecords } from "./raw-records";
import type { DataRecord } from "./record";
import { recordError } from "./record-error";

/**
 * The `index`-th of these records, decoded. `path` is that of their file, for errors.
 *
 * @throws {DataError} with the path of the file, the number of the record, and the offset
 */
export type DecodeRecord = (
  records: RawRecords,
  index: number,
  path: string,
) => DataRecord;

/**
 * Decodes records of files of one kind one by one, so that whoever calls may go on with the next when one of them is broken.
 * Formats' own decoders do not know where the bytes are from; what they throw gets its place here.
 */
export async function recordDecoder<Schema>(
  format: Format<Schema>,
  schema: Schema,
): Promise<DecodeRecord> {
  const decode = await format.decoder(schema);
  return placed(format, (bytes, start, end) =>
    decode(bytes.subarray(start, end)),
  );
}

/** @param decode of one record: bytes `start` to `end` (exclusive) of these */
export function placed<T>(
  format: Format,
  decode: (bytes: Uint8Array, start: number, end: number) => T,
): (records: RawRecords, index: number, path: string) => T {
  const hasOffsets = format.hasOffsets ?? true;
  return (records, index, path) => {
    const { bytes, starts, ends } = records;
    const start = starts[index]!;
    const end = ends[index]!;
    try {
      if (isDamaged(records, index))
        throw new DataError(
          `the checksum of its ${end - start} bytes is wrong; the file is damaged`,
        );
      return decode(bytes, start, end);
    } catch (cause) {
      throw recordError(
        path,
        {
          record: records.first + index,
          ...(hasOffsets && { offset: records.offset + start }),
        },
        cause,
      );
    }
  };
}
