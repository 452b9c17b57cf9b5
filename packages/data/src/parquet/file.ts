import type { AsyncBuffer, FileMetaData, RowGroup } from "hyparquet" with {
  "resolution-mode": "import",
};
import { DataError } from "@tsmpi/protocol";
import type { ByteSource } from "../files/byte-source";
import { loadLibrary } from "./library";

/** The bytes of a file as the library reads them. */
export const asyncBuffer = (source: ByteSource): AsyncBuffer => ({
  byteLength: source.bytes,
  async slice(start, end = source.bytes) {
    const bytes = await source.readAt(start, end - start);
    return bytes.buffer as ArrayBuffer;
  },
});

/**
 * What stands at the end of a file: its schema, and where its row groups are.
 *
 * @throws {DataError} it is not there, contradicts itself, or names a way of compressing that is not read
 */
export async function metadataOf(source: ByteSource): Promise<FileMetaData> {
  const { parquetMetadataAsync, compressors } = await loadLibrary();
  if (!source.isSeekable) await source.readAt(0, 0);
  try {
    const metadata = await parquetMetadataAsync(asyncBuffer(source));
    assertReadable(source.path, metadata, [
      "UNCOMPRESSED",
      ...Object.keys(compressors),
    ]);
    return metadata;
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(
      `${source.path} is no Parquet file, or cut short: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Pages are unpacked later, and one by one: that many rows are looked for, and each that is not there is a bad record. */
function assertReadable(
  path: string,
  { row_groups }: FileMetaData,
  codecs: readonly string[],
): void {
  for (const { columns, num_rows } of row_groups)
    for (const { meta_data } of columns) {
      if (meta_data === undefined) continue;
      const { codec, num_values } = meta_data;
      const name = meta_data.path_in_schema.join(".");
      if (!codecs.includes(codec))
        throw new DataError(
          `${path} is compressed by ${codec} (column ${name}), which is not read; write it again with one of ${codecs.join(", ")}`,
        );
      // A list has several for a row, and one where it is empty.
      if (num_values < num_rows)
        throw new DataError(
          `${path} is damaged: a row group should have ${num_rows} rows, and its column ${name} has ${num_values} values`,
        );
    }
}

/** A row group, and the rows in front of it. */
export interface Place {
  readonly group: RowGroup;
  readonly first: number;
  readonly rows: number;
  /** Where its bytes begin. */
  readonly offset: number;
}

export function rowGroups({ row_groups }: FileMetaData): Place[] {
  let first = 0;
  return row_groups.map((group) => {
    const rows = Number(group.num_rows);
    const column = group.columns[0]?.meta_data;
    const offset = Number(
      column?.dictionary_page_offset ?? column?.data_page_offset ?? 0,
    );
    first += rows;
    return { group, first: first - rows, rows, offset };
  });
}
