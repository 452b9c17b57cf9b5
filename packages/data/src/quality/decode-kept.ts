import type { Format } from "../format";
import type { ColumnRows } from "../records/columns";
import { type DecodeRecord, placed } from "../records/decode";
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

/** The same, into a row of columns. It returns whether the record is kept. */
export function keptRows(
  format: Format,
  rows: ColumnRows,
  guard: QualityGuard,
): (records: RawRecords, index: number, path: string, row: number) => boolean {
  let row = 0;
  const put = placed(format, (bytes, start, end) =>
    rows.put(bytes, start, end, row),
  );
  return (records, index, path, to) => {
    row = to;
    try {
      put(records, index, path);
    } catch (error) {
      guard.undecodable(error as Error);
      return false;
    }
    return guard.isKeptRow(rows, to, path, records.first + index);
  };
}
