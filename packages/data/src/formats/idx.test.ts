import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openCatalogue } from "../catalogue/catalogue";
import { openSource } from "../files/byte-source";
import type { FormatOptions } from "../format";
import { recordDecoder } from "../records/decode";
import type { RecordPlace } from "../records/raw-records";
import type { DataRecord } from "../records/record";
import { formatOf } from "../registry";
import { idx } from "./idx";

const folder = mkdtempSync(join(tmpdir(), "tsmpi-idx-"));
afterAll(() => rmSync(folder, { recursive: true }));

function array(
  type: number,
  shape: readonly number[],
  data: Uint8Array,
): Uint8Array {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head.set([0, 0, type, shape.length]);
  shape.forEach((length, axis) => head.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([head, data]);
}

function put(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(bytes) : bytes);
  return path;
}

async function read(
  path: string,
  options: FormatOptions = {},
  place?: RecordPlace,
): Promise<DataRecord[]> {
  const source = await openSource(path);
  const schema = await idx.schema(source, options);
  const decode = await recordDecoder(idx, schema);
  const records: DataRecord[] = [];
  for await (const raw of idx.read(source, schema, place))
    raw.starts.forEach((_, i) => records.push(decode(raw, i, path)));
  return records;
}

/** More than a piece of a file. */
const COUNT = 3000;
const PIXELS = 784;
const images = array(
  8,
  [COUNT, 28, 28],
  Uint8Array.from({ length: COUNT * PIXELS }, (_, i) => i % 251),
);
const labels = array(
  8,
  [COUNT],
  Uint8Array.from({ length: COUNT }, (_, i) => i % 10),
);
const image = (i: number): DataRecord => ({
  image: Uint8Array.from({ length: PIXELS }, (_, j) => (i * PIXELS + j) % 251),
  label: i % 10,
});

describe("IDX", () => {
  const path = put("train-images-idx3-ubyte", images);
  put("train-labels-idx1-ubyte.gz", labels);

  test("images come with the labels beside them, from any place", async () => {
    const records = await read(path);
    expect(records).toHaveLength(COUNT);
    for (const i of [0, 1, 1336, 1337, 1338, COUNT - 1])
      expect(records[i]).toEqual(image(i));
    const [source, place] = [await openSource(path), { record: 0, offset: 0 }];
    const { places, records: count } = await idx.index!(
      source,
      await idx.schema(source, {}),
    );
    expect(count).toBe(COUNT);
    expect(places.length).toBeGreaterThan(1);
    for (const one of [place, ...places])
      expect((await read(path, {}, one))[0]).toEqual(image(one.record));
  });

  test("images come alone where there are no labels, or none are wanted", async () => {
    const alone = put("t10k-images-idx3-ubyte.gz", images);
    const data = { data: image(7).image };
    expect((await read(alone))[7]).toEqual(data);
    expect((await read(path, { labels: false }))[7]).toEqual(data);
  });

  test("labels may have any name, and must be as many", async () => {
    const own = put("my.idx", labels);
    const alone = put("some.idx", images);
    expect((await read(alone, { labels: own }))[9]).toEqual(image(9));
    const few = put("few.idx", array(8, [1], Uint8Array.of(1)));
    await expect(read(alone, { labels: few })).rejects.toThrow(
      `${alone} has 3000 images, and ${few} 1 labels`,
    );
  });

  test("a folder has files of images, and no files of labels", async () => {
    const { files, schema } = await openCatalogue(`${folder}/train-*`);
    expect(files.map(({ path }) => path)).toEqual([path]);
    expect(schema).toMatchObject({ labels: { rows: { shape: [] } } });
  });

  test.each<[number, Uint8Array, unknown]>([
    [0x08, Uint8Array.of(255, 2), Uint8Array.of(255, 2)],
    [0x09, Uint8Array.of(255, 2), Int8Array.of(-1, 2)],
    [0x0b, Uint8Array.of(1, 2, 3, 4), Int16Array.of(0x102, 0x304)],
    [
      0x0c,
      Uint8Array.of(0, 0, 1, 2, 255, 255, 255, 255),
      Int32Array.of(258, -1),
    ],
    [0x0d, Buffer.from("3fc0000040000000", "hex"), Float32Array.of(1.5, 2)],
    [
      0x0e,
      Buffer.from("3ff80000000000004000000000000000", "hex"),
      Float64Array.of(1.5, 2),
    ],
  ])("elements of type %i", async (type, bytes, data) => {
    expect(await read(put("x.idx2-any", array(type, [1, 2], bytes)))).toEqual([
      { data },
    ]);
  });

  test("files that are broken say so", async () => {
    for (const [bytes, message] of [
      [Buffer.from("text"), "does not begin as an IDX file"],
      [Uint8Array.of(0, 0, 8, 0), "no rows"],
      [images.subarray(0, 12), "ends within its header"],
      [
        images.subarray(0, 16 + 784 + 5),
        /record 1 \(byte 800\).* 5 of its 784/,
      ],
      [images.subarray(0, 16 + 784), /record 1 \(byte 800\).* in front of it/],
      [array(8, [1], Uint8Array.of(1, 2)), "1 bytes or more follow"],
      [array(14, [2 ** 32 - 1, 2 ** 32 - 1], Buffer.alloc(0)), "no file holds"],
    ] as const) {
      const broken = put("broken.idx", bytes);
      await expect(read(broken)).rejects.toThrow(message);
      await expect(read(broken)).rejects.toThrow(broken);
    }
  });

  test.each([
    "train-images-idx3-ubyte",
    "a/t10k-labels.idx1-ubyte.gz",
    "x.idx",
    "x-idx2-float.zst",
  ])("is what %s is", (path) => expect(formatOf(path).name).toBe("idx"));
});
