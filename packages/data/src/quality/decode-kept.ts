import type { DecodeRecord } from "../records/decode";
import type { RawRecords } from "../records/raw-records";
import type { DataRecord } from "../records/record";
import type { QualityGuard } from "./guard";

/**
 * The `index`-th of these records, decoded and looked at.
 *
 * @returns null: it is bad, and left out
 * @throws {DataError} it is bad, and bad records are to end the program: with its place
 */
export type DecodeKept = (
  records: RawRecords,
  index: number,
  path: string,
) => DataRecord | null;

/** Decodes records one by one, and leaves out those that the guard does not let through. */
export const keptDecoder =
  (decode: DecodeRecord, guard: QualityGuard): DecodeKept =>
  (records, index, path) => {
    let record: DataRecord;
    try {
      record = decode(records, index, path);
    } catch (error) {
      guard.undecodable(error as Error);
      return null;
    }
    return guard.isKept(record, path, records.first + index) ? record : null;
  };
