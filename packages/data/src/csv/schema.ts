import type { ColumnType } from "../format";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** What a file of separated values is like. */
export interface CsvSchema {
  readonly columns: readonly Column[];
  /** One character of ASCII. */
  readonly delimiter: string;
  /** Names stand on the first line. */
  readonly header: boolean;
}

export const listed = (names: readonly string[]): string => names.join(", ");
