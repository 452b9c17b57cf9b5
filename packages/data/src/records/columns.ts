import type { Column } from "./collate";
import type { DataRecord } from "./record";

/**
 * Records that are decoded straight into the columns of a batch, where each has its row: `batch` of what `decoder` gives comes to
 * the same, by way of an object and an array for each record, which take longer than decoding.
 */
export interface ColumnRows {
  /**
   * Decodes a record, bytes `start` to `end` (exclusive) of these, into a row, counted from 0. Rows are filled in turn; one may be
   * filled anew.
   *
   * @throws what the format's decoder throws
   */
  put(bytes: Uint8Array, start: number, end: number, row: number): void;
  /** Whether all numbers of a row that was put are numbers. */
  isFinite(row: number): boolean;
  /** A row that was put, as the format's decoder gives it, for a look: its arrays are parts of the columns. */
  record(row: number): DataRecord;
  /**
   * The first rows, as many as were put and are kept. Nothing here refers to them afterwards; these rows are put no more.
   *
   * @param placeOf of which record a row is made, for errors
   * @throws {DataError} rows that are not alike
   */
  columns(
    rows: number,
    placeOf: (row: number) => string,
  ): Readonly<Record<string, Column | readonly unknown[]>>;
}
