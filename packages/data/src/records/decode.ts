import { DataError } from "@tsmpi/protocol";
import type { Format } from "../format";
import type { RawRecords } from "./raw-records";
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
  return placed(format, await format.decoder(schema));
}

/** @param decode of one record's bytes, as the format's own decoder does it */
export function placed(
  format: Format,
  decode: (bytes: Uint8Array) => DataRecord,
): DecodeRecord {
  const hasOffsets = format.hasOffsets ?? true;
  return ({ bytes, starts, ends, first, offset, damaged }, index, path) => {
    const start = starts[index]!;
    const end = ends[index]!;
    try {
      if (damaged?.includes(index))
        throw new DataError(
          `the checksum of its ${end - start} bytes is wrong; the file is damaged`,
        );
      return decode(bytes.subarray(start, end));
    } catch (cause) {
      throw recordError(
        path,
        {
          record: first + index,
          ...(hasOffsets && { offset: offset + start }),
        },
        cause,
      );
    }
  };
}
