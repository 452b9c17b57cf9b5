import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSource } from "../files/byte-source";
import { BEGINNING, type RecordPlace } from "../records/raw-records";
import { recordDecoder } from "../records/decode";
import type { DataRecord } from "../records/record";
import { parquet } from "./parquet";

const ROWS = 2500;
const ROWS_OF_A_GROUP = 1000;
const each = <T>(value: (i: number) => T): T[] =>
  Array.from({ length: ROWS }, (_, i) => value(i));

const COLUMNS = [
  { name: "id", type: "INT32", data: each((i) => i) },
  { name: "large", type: "INT64", data: each((i) => BigInt(i) * 2n ** 50n) },
  { name: "price", type: "DOUBLE", data: each((i) => (i % 3 ? i / 3 : null)) },
  { name: "text", type: "STRING", data: each((i) => `text ${i} ä`) },
  { name: "isNew", type: "BOOLEAN", data: each((i) => i % 2 === 0) },
  {
    name: "bytes",
    type: "BYTE_ARRAY",
    data: each((i) => Uint8Array.of(i, 255)),
  },
  {
    name: "at",
    type: "TIMESTAMP",
    data: each((i) => new Date(Date.UTC(2024, 0, 1 + i))),
  },
] as const;

const SCHEMA = {
  id: "int32",
  large: "int64",
  price: "float64",
  text: "text",
  isNew: "boolean",
  bytes: "bytes",
  at: "timestamp",
};

const rowOf = (i: number): DataRecord => ({
  id: i,
  large: i < 8 ? i * 2 ** 50 : BigInt(i) * 2n ** 50n,
  price: i % 3 ? i / 3 : null,
  text: `text ${i} ä`,
  isNew: i % 2 === 0,
  bytes: Uint8Array.of(i, 255),
  at: `${new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10)}T00:00:00.000Z`,
});

describe("Parquet", () => {
  let folder: string;
  let path: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tsmpi-parquet-"));
    path = join(folder, "x.parquet");
    const { parquetWriteBuffer } = await import("hyparquet-writer");
    const bytes = parquetWriteBuffer({
      columnData: COLUMNS.map((column) => ({
        ...column,
        data: [...column.data],
      })),
      rowGroupSize: ROWS_OF_A_GROUP,
    });
    writeFileSync(path, Buffer.from(bytes));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const read = async (file: string, place: RecordPlace = BEGINNING) => {
    const source = await openSource(file);
    const schema = await parquet.schema(source, {});
    const decode = await recordDecoder(parquet, schema);
    const records: DataRecord[] = [];
    let next = place.record;
    for await (const raw of parquet.read(source, schema, place)) {
      expect(raw.first).toBe(next);
      next += raw.starts.length;
      raw.starts.forEach((_, i) => records.push(decode(raw, i, file)));
    }
    return records;
  };

  test("gives its rows, and the types of its columns", async () => {
    expect(await parquet.schema(await openSource(path), {})).toEqual({
      columns: SCHEMA,
    });
    expect(await read(path)).toEqual(each(rowOf));
  });

  test.each([1, 999, 1000, 1001, 2499])(
    "is read from row %i",
    async (record) => {
      const place = { record, offset: 0 };
      expect(await read(path, place)).toEqual(each(rowOf).slice(record));
    },
  );

  test("has places where its row groups begin", async () => {
    const source = await openSource(path);
    const index = await parquet.index!(source, { columns: {} });
    expect(index.records).toBe(ROWS);
    expect(index.places.map(({ record }) => record)).toEqual([0, 1000, 2000]);
  });

  test("that is cut short, or something else, is refused by its name", async () => {
    const bytes = readFileSync(path);
    for (const damaged of [
      bytes.subarray(0, -1),
      bytes.subarray(0, 1000),
      bytes.subarray(0, 3),
      Buffer.from("id,text\n1,a\n"),
    ]) {
      const other = join(folder, "other.parquet");
      writeFileSync(other, damaged);
      await expect(read(other)).rejects.toThrow(
        /^\S+other\.parquet is no Parquet file, or cut short: /,
      );
    }
  });

  test("of which a page is damaged is refused with the row that its group begins at", async () => {
    const bytes = readFileSync(path);
    const source = await openSource(path);
    const { places } = await parquet.index!(source, { columns: {} });
    const damaged = join(folder, "damaged.parquet");
    bytes.fill(0xff, places[1]!.offset, places[1]!.offset + 100);
    writeFileSync(damaged, bytes);
    await expect(read(damaged)).rejects.toThrow(
      /^\S+damaged\.parquet, record 1000: /,
    );
  });

  test("cannot be compressed as a whole", async () => {
    const other = join(folder, "x.parquet.gz");
    writeFileSync(other, "");
    await expect(read(other)).rejects.toThrow(/is compressed .* unpack it/);
  });
});
