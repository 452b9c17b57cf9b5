import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { CompressionCodec } from "hyparquet" with {
  "resolution-mode": "import",
};
import { openSource } from "../files/byte-source";
import { BEGINNING, type RecordPlace } from "../records/raw-records";
import { recordDecoder } from "../records/decode";
import { openLocalDataset } from "../open-local-dataset";
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

/** Of literals alone: their number, 15 in the first byte and the rest behind it, and they. */
function lz4Block(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length < 15) return Buffer.concat([Buffer.of(length << 4), bytes]);
  const rest = length - 15;
  const head = Buffer.alloc(2 + Math.floor(rest / 255), 255);
  head[0] = 0xf0;
  head[head.length - 1] = rest % 255;
  return Buffer.concat([head, bytes]);
}

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

  /** With a page of its second row group overwritten. */
  const damagedFile = async () => {
    const bytes = readFileSync(path);
    const source = await openSource(path);
    const { places } = await parquet.index!(source, { columns: {} });
    const damaged = join(folder, "damaged.parquet");
    bytes.fill(0xff, places[1]!.offset, places[1]!.offset + 100);
    writeFileSync(damaged, bytes);
    return damaged;
  };

  test("of which a page is damaged is refused with the first row of its group", async () => {
    await expect(read(await damagedFile())).rejects.toThrow(
      /^\S+damaged\.parquet, record 1000: its row group, of 1000 rows from 1000 on, cannot be read: /,
    );
  });

  test("of which a page is damaged has all rows but those of its group, which are counted", async () => {
    const quality = { onBadRecord: "skip" } as const;
    const options = { shuffle: false, quality };
    const dataset = await openLocalDataset(await damagedFile(), options);
    const found: DataRecord[] = [];
    for await (const record of dataset) found.push(record);
    expect(found).toEqual(
      each(rowOf).filter((_, row) => Math.floor(row / ROWS_OF_A_GROUP) !== 1),
    );
    const { records, defects } = dataset.quality();
    expect(records).toBe(ROWS);
    expect(defects.undecodable).toBe(ROWS_OF_A_GROUP);
  });

  test("of which a row group claims to have more rows than values is refused", async () => {
    const bytes = readFileSync(path);
    // In Thrift's compact protocol, behind those of the values of its columns.
    const at = bytes.lastIndexOf(Buffer.from([0x16, 0xd0, 0x0f]));
    Buffer.from([0x16, 0xd0, 0x7f]).copy(bytes, at);
    const other = join(folder, "claims.parquet");
    writeFileSync(other, bytes);
    await expect(read(other)).rejects.toThrow(
      `${other} is damaged: a row group should have 8168 rows, and its column id has 1000 values`,
    );
  });

  const compressedBy = async (
    codec: CompressionCodec,
    compress: (bytes: Uint8Array) => Uint8Array,
  ) => {
    const { parquetWriteBuffer } = await import("hyparquet-writer");
    const other = join(folder, `${codec}.parquet`);
    const nothing = { name: "nothing", type: "INT32", nullable: true } as const;
    const bytes = parquetWriteBuffer({
      columnData: [
        ...COLUMNS.map((column) => ({ ...column, data: [...column.data] })),
        { ...nothing, data: each(() => null) },
      ],
      rowGroupSize: ROWS_OF_A_GROUP,
      ...{ codec, compressors: { [codec]: compress } },
    });
    writeFileSync(other, Buffer.from(bytes));
    return other;
  };
  test.each([
    ["GZIP", gzipSync],
    ["BROTLI", brotliCompressSync],
    ["LZ4", lz4Block],
    ["LZ4_RAW", lz4Block],
  ] as const)(
    "compressed by %s is read, also pages without a value",
    async (codec, compress) => {
      const path = await compressedBy(codec, compress);
      const rows = each((i) => ({ ...rowOf(i), nothing: null }));
      expect(await read(path)).toEqual(rows);
    },
  );

  test("compressed by something else is refused: by what, and what is read", async () => {
    const path = await compressedBy("LZO", (bytes) => bytes);
    await expect(read(path)).rejects.toThrow(
      `${path} is compressed by LZO (column id), which is not read; write it again with one of UNCOMPRESSED, SNAPPY, GZIP, BROTLI, ZSTD, LZ4, LZ4_RAW`,
    );
  });

  test("of which a page unpacks to more than it has is refused", async () => {
    const path = await compressedBy("GZIP", (bytes) =>
      gzipSync(Buffer.concat([bytes, Buffer.alloc(1_000_000)])),
    );
    await expect(read(path)).rejects.toThrow(
      /GZIP\.parquet, record 0: .*Cannot create a Buffer larger than \d+ bytes/,
    );
  });

  test("cannot be compressed as a whole", async () => {
    const other = join(folder, "x.parquet.gz");
    writeFileSync(other, "");
    await expect(read(other)).rejects.toThrow(/is compressed .* unpack it/);
  });
});
