import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { FeatureSpecs } from "../feature-spec";
import { openSink } from "../files/byte-sink";
import { tfrecord } from "../formats/tfrecord";
import { openLocalDataset } from "../open-local-dataset";
import type { Column } from "../records/collate";
import { NEW_MEMORY } from "../records/column-memory";
import type { DataRecord } from "../records/record";
import type { SourceOptions } from "./source";

const RECORDS = 1000;

const FEATURES: FeatureSpecs = {
  image: { dtype: "float32", shape: [5, 4] },
  weight: { dtype: "float32", shape: [] },
  pair: { dtype: "float32", shape: [2] },
  label: { dtype: "int32", shape: [] },
  tokens: { dtype: "int32", shape: [3] },
  id: { dtype: "int64", shape: [] },
  far: { dtype: "int64", shape: [2] },
  pixels: { dtype: "uint8", shape: [90] },
  name: { dtype: "string", shape: [] },
  raw: { dtype: "bytes", shape: [] },
  open: { dtype: "float32", shape: [-1] },
};

const recordOf = (i: number): DataRecord => ({
  image: Float32Array.from({ length: 20 }, (_, k) => Math.sin(20 * i + k)),
  weight: Float32Array.of(i / 3),
  pair: Float32Array.of(i, -i),
  label: BigInt64Array.of(BigInt(i % 10)),
  tokens: BigInt64Array.of(-5n, BigInt(i), BigInt(i) << 20n),
  id: BigInt64Array.of(-(BigInt(i) ** 6n)),
  far: BigInt64Array.of(BigInt(i) << 40n, -1n),
  pixels: [Uint8Array.from({ length: 90 }, (_, k) => i + k)],
  name: [Buffer.from(`row ${i} of ü`)],
  raw: [Uint8Array.of(i, 1, 2)],
  open: Float32Array.of(1, i),
  unwanted: Float32Array.of(7),
});

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "tsmpi-columns-"))));
afterAll(() => rmSync(folder, { recursive: true }));

async function write(
  name: string,
  record: (i: number) => DataRecord,
): Promise<string> {
  const path = join(folder, `${name}.tfrecord`);
  const sink = openSink(path);
  const writing = tfrecord.writing!;
  const schema = await writing.schemaOf([record(0)], {});
  const encode = await writing.encoder(schema);
  const file = writing.writer(sink, schema);
  for (let i = 0; i < RECORDS; i++) await file.write(encode(record(i)));
  await file.end();
  await sink.publish();
  return path;
}

/** Batches, how far the program is after each, where none is left out, and what the guard found; by way of records, or not. */
async function read(
  path: string,
  batch: Parameters<Awaited<ReturnType<typeof openLocalDataset>>["batch"]>,
  { isByRecord, ...options }: SourceOptions & { readonly isByRecord: boolean },
  features: FeatureSpecs = FEATURES,
) {
  const { quality } = options;
  const dataset = await openLocalDataset(path, { features, ...options });
  const records = isByRecord ? dataset.map((record) => record) : dataset;
  const all: unknown[] = [];
  for await (const columns of records.batch(...batch))
    all.push([columns, ...(quality ? [] : [dataset.position()])]);
  return [all, dataset.quality(), dataset.account(), dataset.position()];
}

/** Both ways come to the same. */
async function expectAlike(
  ...[path, batch, options, features]: [
    path: string,
    batch: Parameters<typeof read>[1],
    options?: SourceOptions,
    features?: FeatureSpecs,
  ]
): Promise<void> {
  const both = await Promise.all(
    [true, false].map((isByRecord) =>
      read(path, batch, { ...options, isByRecord }, features).catch(
        ({ message }: Error) => message,
      ),
    ),
  );
  expect(both[1]).toEqual(both[0]);
}

describe("records that are decoded into columns", () => {
  test.each([1, 7, 256, RECORDS, 1_000_000])(
    "are the batches of %i that they are one by one",
    async (batchSize) => {
      const path = await write("all", recordOf);
      await expectAlike(path, [batchSize]);
      await expectAlike(path, [batchSize, { dropRemainder: true }]);
      const [batches] = await read(path, [batchSize], { isByRecord: false });
      expect(batches).toHaveLength(Math.ceil(RECORDS / batchSize));
    },
  );

  test("have arrays for themselves", async () => {
    const path = await write("all", recordOf);
    const dataset = await openLocalDataset(path, { features: FEATURES });
    const batches = [];
    for await (const columns of dataset.batch(300)) batches.push(columns);
    const arrays = batches.flatMap((columns) =>
      Object.values(columns as Record<string, { values?: unknown }>)
        .map(({ values }) => values)
        .filter((values) => ArrayBuffer.isView(values)),
    );
    expect(new Set(arrays.map(({ buffer }) => buffer)).size).toBe(4 * 10);
    for (const { byteLength, buffer } of arrays)
      expect(byteLength).toBe(buffer.byteLength);
  });

  describe("and are lent", () => {
    const wide: FeatureSpecs = {
      image: { dtype: "float32", shape: [100] },
      label: { dtype: "int32", shape: [] },
    };
    const fields = { xs: { pixels: "image" }, ys: "label" } as const;
    const open = async () => {
      const path = await write("wide", (i) => ({
        image: new Float32Array(100).fill(i),
        label: BigInt64Array.of(BigInt(i)),
      }));
      const dataset = await openLocalDataset(path, { features: wide });
      return (lend: boolean) => dataset.batch(300, { lend });
    };
    type Item = { xs: { pixels: Column }; ys: Column };

    const lengthOf = (item: unknown) => (item as Item).xs.pixels.values.length;

    test("are the same batches, each until the next one is asked for", async () => {
      const batches = await open();
      for (let epoch = 0; epoch < 3; epoch++) {
        const labels: number[] = [];
        const lent: Item[] = [];
        for await (const item of batches(true).select(fields).prefetch(2)) {
          expect(lent.map(lengthOf)).toEqual(lent.map(() => 0));
          const { xs, ys } = item as Item;
          const own = [...(ys.values as Float64Array)];
          own.forEach((label, row) =>
            expect(xs.pixels.values[100 * row + 99]).toBe(label),
          );
          labels.push(...own);
          lent.push(item as Item);
        }
        expect(labels.sort((a, b) => a - b)).toEqual([
          ...Array(RECORDS).keys(),
        ]);
        // The last one of an epoch, which is smaller, is an array for itself.
        expect(lent.map(lengthOf)).toEqual([0, 0, 0, 10_000]);
      }
    });

    test("stay the program's where it leaves, where they are cached, and for fitDataset", async () => {
      const batches = await open();
      const left = [];
      for await (const item of batches(true).select(fields)) {
        left.push(item);
        break;
      }
      await setImmediate();
      expect(left.map(lengthOf)).toEqual([30_000]);
      const lengths = [30_000, 30_000, 30_000, 10_000];
      const cached = batches(true).select(fields).cache();
      for (let epoch = 0; epoch < 2; epoch++) {
        const all = [];
        for await (const item of cached) all.push(item);
        expect(all.map(lengthOf)).toEqual(lengths);
      }
      const items = await batches(true).select(fields).iterator();
      const all = [];
      for (let next = await items.next(); !next.done; next = await items.next())
        all.push(next.value);
      expect(all.map(lengthOf)).toEqual(lengths);
    });
  });

  test("end where they end, whatever follows in their file", async () => {
    const schema = { features: FEATURES, numbers: {} };
    const encode = await tfrecord.writing!.encoder(
      await tfrecord.writing!.schemaOf([recordOf(0)], {}),
    );
    const whole = encode(recordOf(321));
    const decode = await tfrecord.decoder(schema);
    const rows = tfrecord.columns!(schema, 1, NEW_MEMORY)!;
    const said = (read: () => unknown): string => {
      try {
        read();
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    for (const around of [0, 255])
      for (let length = 0; length <= whole.length; length++) {
        const alone = whole.subarray(0, length);
        const within = new Uint8Array(length + 40).fill(around);
        within.set(alone, 7);
        const message = said(() => rows.put(within, 7, 7 + length, 0));
        expect(message).toBe(said(() => decode(alone)));
        expect(message === "").toBe(length === whole.length);
      }
  });

  test("are left out where they are bad, as they are one by one", async () => {
    const path = await write("bad", (i) => ({
      ...recordOf(i),
      ...(i % 50 === 3 && { weight: Float32Array.of(NaN) }),
      ...(i % 70 === 5 && { pair: Float32Array.of(1, 2, 3) }),
      ...(i % 90 === 7 && { label: BigInt64Array.of(2n ** 40n) }),
      ...(i % 30 === 9 && { name: null }),
      ...(i === 400 && { tokens: BigInt64Array.of(1n, 2n, -(2n ** 31n) - 1n) }),
    }));
    const quality = {
      onBadRecord: "skip",
      ...{ labels: { field: "label", classes: 9 }, key: "id" },
    } as const;
    await expectAlike(path, [64], { quality });
    await expectAlike(path, [64], { shuffle: false });
    const [batches, report] = await read(
      ...[path, [64] as [number], { quality, isByRecord: false }],
    );
    expect((batches as unknown[]).length).toBeLessThan(RECORDS / 64 - 1);
    // Of the 100 labels that are out of range, 34 are of records without a name.
    expect(report).toMatchObject({
      defects: {
        ...{ undecodable: 15 + 12 + 34 + 1, nonFinite: 20 },
        labelOutOfRange: 66,
      },
    });
  });

  test.each<[string, FeatureSpecs]>([
    ["there is none of it", { none: { dtype: "int32", shape: [] } }],
    ["it is of another kind", { image: { dtype: "int32", shape: [20] } }],
    ["there are more of it", { image: { dtype: "float32", shape: [19] } }],
    ["it is not one", { pair: { dtype: "float32", shape: [] } }],
    ["it is too large", { far: { dtype: "int32", shape: [2] } }],
    ["they are not alike", { name: { dtype: "bytes", shape: [] } }],
  ])("say the same where %s", async (_, features) => {
    const path = await write("all", recordOf);
    await expectAlike(path, [64], { shuffle: false }, features);
    await expect(
      read(path, [64], { isByRecord: false }, features),
    ).rejects.toThrow(/all\.tfrecord, record \d+[ ,;]/);
  });
});
