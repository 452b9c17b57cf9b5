import { DataError, decodeValue, encodeValue } from "@tsmpi/protocol";
import { PIECE_BYTES, type ByteSource } from "../files/byte-source";
import type { Format } from "../format";
import { kindOf } from "../parquet/columns";
import { asyncBuffer, metadataOf, rowGroups } from "../parquet/file";
import { loadLibrary, PARSERS } from "../parquet/library";
import { BEGINNING, type RawRecords } from "../records/raw-records";
import type { DataRecord, FieldValue } from "../records/record";

/** Types of columns by their names, in words. */
interface ParquetSchema {
  readonly columns: Readonly<Record<string, string>>;
}

/**
 * Parquet, read by row groups: one of them is in memory at a time, so that its writer decides how much that is. A record's raw bytes
 * are its row, packed, or a text that says why it cannot be read: those of other row groups may be sound. Whole numbers of 64 bits
 * are numbers where a number holds each digit, else bigints; lists of numbers are typed arrays; dates and times are text in ISO
 * 8601, decimals numbers. Source: https://parquet.apache.org/docs/file-format
 */
export const parquet: Format<ParquetSchema> = {
  name: "parquet",
  extensions: [".parquet", ".pq"],
  summary: "Apache Parquet",
  hasOffsets: false,
  async schema(source) {
    const { parquetSchema } = await loadLibrary();
    const { children } = parquetSchema(await metadataOf(source));
    const types = children.map((child) => [
      child.element.name,
      kindOf(child).type,
    ]);
    return { columns: Object.fromEntries(types) as Record<string, string> };
  },
  async *read(source, _schema, { record } = BEGINNING) {
    const metadata = await metadataOf(source);
    for (const { first, rows, offset } of rowGroups(metadata)) {
      if (first + rows <= record) continue;
      const rowAt = await readRowGroup(source, metadata, first, rows).catch(
        (cause: Error): RowAt => {
          // The file itself cannot be read.
          if (cause instanceof DataError) throw cause;
          const text = `its row group, of ${rows} rows from ${first} on, cannot be read: ${cause.message}`;
          return () => text;
        },
      );
      const from = Math.max(first, record);
      yield* packed(rowAt, { from, to: first + rows, offset });
    }
  },
  async index(source) {
    const groups = rowGroups(await metadataOf(source));
    const places = groups
      .filter(({ rows }) => rows > 0)
      .map(({ first, offset }) => ({ record: first, offset }));
    return { records: groups.reduce((sum, { rows }) => sum + rows, 0), places };
  },
  decoder: () => (bytes) => {
    const row = decodeValue(bytes) as DataRecord | string;
    if (typeof row === "string") throw new DataError(row);
    return row;
  },
};

/** By its number in the file; a text: why it cannot be read. */
type RowAt = (row: number) => DataRecord | string;

async function readRowGroup(
  source: ByteSource,
  metadata: Awaited<ReturnType<typeof metadataOf>>,
  first: number,
  rows: number,
): Promise<RowAt> {
  const { parquetRead, parquetSchema, compressors } = await loadLibrary();
  const { children } = parquetSchema(metadata);
  const columns = children.map((child) => ({
    name: child.element.name,
    plain: kindOf(child).plain,
    chunks: [] as {
      readonly from: number;
      readonly values: ArrayLike<unknown>;
    }[],
    /** The chunk that the last row was in. */
    at: 0,
  }));
  const byName = new Map(columns.map((column) => [column.name, column]));
  await parquetRead({
    ...{ file: asyncBuffer(source), metadata, compressors, parsers: PARSERS },
    ...{ rowStart: first, rowEnd: first + rows, utf8: false },
    onChunk: ({ columnName, columnData, rowStart }) =>
      byName
        .get(columnName)!
        .chunks.push({ from: rowStart, values: columnData }),
  });
  for (const { chunks } of columns) chunks.sort((a, b) => a.from - b.from);
  return (row) => {
    const record: Record<string, FieldValue> = {};
    for (const column of columns) {
      const { chunks, name, plain } = column;
      while (row >= chunks[column.at]!.from + chunks[column.at]!.values.length)
        column.at++;
      const { from, values } = chunks[column.at]!;
      record[name] = plain(values[row - from]);
    }
    return record;
  };
}

/** Rows, packed, in pieces. */
function* packed(
  rowAt: RowAt,
  {
    from,
    to,
    offset,
  }: { readonly from: number; readonly to: number; readonly offset: number },
): Iterable<RawRecords> {
  for (let row = from; row < to;) {
    const first = row;
    const rows: Uint8Array[] = [];
    const ends: number[] = [];
    for (let end = 0; row < to && end < PIECE_BYTES; row++) {
      const bytes = encodeValue(soundly(rowAt, row));
      rows.push(bytes);
      ends.push((end += bytes.length));
    }
    yield {
      bytes: Buffer.concat(rows),
      starts: Uint32Array.from([0, ...ends.slice(0, -1)]),
      ends: Uint32Array.from(ends),
      ...{ first, offset },
    };
  }
}

function soundly(rowAt: RowAt, row: number): DataRecord | string {
  try {
    return rowAt(row);
  } catch (cause) {
    return (cause as Error).message;
  }
}
