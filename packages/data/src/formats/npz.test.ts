import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ZipFile } from "yazl";
import { DataError } from "@tsmpi/protocol";
import {
  memorySink,
  sourceOf,
} from "../../../../test/data/formats/memory-file";
import { makeHeader } from "../numpy/header";
import { rowedAs } from "../numpy/element";
import type { ByteSource } from "../files/byte-source";
import { openSource } from "../files/byte-source";
import { openSink } from "../files/byte-sink";
import type { FormatOptions } from "../format";
import { recordDecoder } from "../records/decode";
import type { RecordPlace } from "../records/raw-records";
import type { DataRecord } from "../records/record";
import { npz } from "./npz";

const folder = mkdtempSync(join(tmpdir(), "tsmpi-npz-"));
afterAll(() => rmSync(folder, { recursive: true }));

const openFiles = (): number => readdirSync("/proc/self/fd").length;

const COUNT = 400_000;
const record = (i: number): DataRecord => ({
  x: Float32Array.of(i, -i, i / 2),
  y: i % 10,
});

/** As numpy.savez and savez_compressed make it. */
async function archive(
  arrays: Readonly<Record<string, Uint8Array>>,
  options: { compress: boolean; forceZip64Format?: boolean },
): Promise<Uint8Array> {
  const zip = new ZipFile();
  for (const [name, bytes] of Object.entries(arrays))
    zip.addBuffer(Buffer.from(bytes), `${name}.npy`, options);
  zip.end();
  const pieces: Uint8Array[] = [];
  for await (const piece of zip.outputStream as AsyncIterable<Uint8Array>)
    pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

function array(values: readonly (Float32Array | number)[]): Uint8Array {
  const header = makeHeader(rowedAs(values[0])!, values.length);
  const flat = values.map((value) => {
    const row = typeof value === "number" ? Float64Array.of(value) : value;
    return Buffer.from(row.buffer);
  });
  return Buffer.concat([header, ...flat]);
}

const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => record(i));
const both = (count: number) => ({
  x: array(rows(count).map(({ x }) => x as Float32Array)),
  y: array(rows(count).map(({ y }) => y as number)),
});

const writing = npz.writing!;

async function read(
  source: ByteSource,
  options: FormatOptions = {},
  place?: RecordPlace,
): Promise<DataRecord[]> {
  const schema = await npz.schema(source, options);
  const decode = await recordDecoder(npz, schema);
  const records: DataRecord[] = [];
  for await (const raw of npz.read(source, schema, place))
    raw.starts.forEach((_, i) => records.push(decode(raw, i, source.path)));
  return records;
}

describe("npz", () => {
  test.each([
    ["stored", { compress: false }],
    ["deflated", { compress: true }],
    [
      "of the kind for 4 GiB and more",
      { compress: false, forceZip64Format: true },
    ],
  ])("%s is read side by side, from each place", async (_, options) => {
    const path = join(folder, "a.npz");
    writeFileSync(path, await archive(both(COUNT), options));
    const source = await openSource(path);
    const index = await npz.index!(source, await npz.schema(source, {}));
    expect(index.records).toBe(COUNT);
    expect(index.places.length > 1).toBe(!options.compress);
    for (const place of index.places) {
      const records = await read(source, {}, place);
      expect(records).toHaveLength(COUNT - place.record);
      for (const i of [0, 1, records.length - 1])
        expect(records[i]).toEqual(record(place.record + i));
    }
  });

  test.each([true, false])(
    "with another bit in an array is noticed (deflated: %p)",
    async (compress) => {
      const bytes = await archive(both(50), { compress });
      // Where the directory begins, with names that no checksum protects.
      const end = Buffer.from(bytes).indexOf("PK\x01\x02");
      let noticed = 0;
      for (let at = 0; at < end; at++) {
        const damaged = bytes.slice();
        damaged[at]! ^= 4;
        const source = sourceOf("a.npz", damaged);
        const outcome = await read(source).catch((error: unknown) => error);
        if (outcome instanceof DataError) {
          expect(outcome.message).toContain("a.npz");
          noticed++;
        } else expect(outcome).toEqual(rows(50));
      }
      // All but what stands twice, in front of an array and in the directory.
      expect(noticed).toBeGreaterThan(end - 2 * 40);
    },
  );

  test("has arrays of different lengths, of which some belong together", async () => {
    const train = both(5);
    const bytes = await archive(
      { x: train.x, y: train.y, test: array([1, 2]) },
      { compress: true },
    );
    const source = sourceOf("a.npz", bytes);
    await expect(read(source)).rejects.toThrow(
      "a.npz has arrays with different numbers of rows (x: 5, y: 5, test: 2)",
    );
    expect(await read(source, { arrays: ["y", "x"] })).toEqual(rows(5));
    expect(await read(source, { arrays: ["test"] })).toEqual([
      { test: 1 },
      { test: 2 },
    ]);
    await expect(read(source, { arrays: ["z"] })).rejects.toThrow(
      "a.npz has no array z; it has x, y, test",
    );
  });

  test("that is none says so", async () => {
    const bytes = await archive(both(5), { compress: false });
    const text = Buffer.from("text");
    for (const broken of [text, bytes.subarray(0, 300), bytes.subarray(0, -5)])
      await expect(read(sourceOf("a.npz", broken))).rejects.toThrow(
        "a.npz is no complete zip archive",
      );
    const other = await archive({ x: text }, { compress: false });
    await expect(read(sourceOf("a.npz", other))).rejects.toThrow(
      "a.npz/x.npy: it does not begin as a .npy file",
    );
  });

  test("is written with rows that wait beside it, of which nothing is left", async () => {
    const path = join(folder, "written.npz");
    const schema = await writing.schemaOf([record(0)], {});
    const encode = await writing.encoder(schema);
    const sink = openSink(path);
    const archived = writing.writer(sink, schema);
    for (let i = 0; i < COUNT; i++) await archived.write(encode(record(i)));
    await archived.end();
    await sink.publish();
    const records = await read(await openSource(path));
    expect(records).toHaveLength(COUNT);
    expect(records[COUNT - 1]).toEqual(record(COUNT - 1));
    expect(readdirSync(folder).filter((name) => /unfin/.test(name))).toEqual(
      [],
    );
  });

  test("that is given up leaves nothing", async () => {
    const sink = memorySink(join(folder, "given-up.npz"));
    const archived = writing.writer(
      sink,
      await writing.schemaOf([{ x: 1 }], {}),
    );
    for (let i = 0; i < 300_000; i++) await archived.write(new Uint8Array(8));
    await archived.discard!();
    expect(readdirSync(folder).filter((name) => /given/.test(name))).toEqual(
      [],
    );
  });

  test.each(Array.from({ length: 9 }, (_, n) => n))(
    "for which there is no room after %i pieces ends with that error, and leaves nothing",
    async (pieces) => {
      const name = `full-${pieces}.npz`;
      let written = 0;
      const full = new DataError("the disk is full");
      const sink = {
        ...memorySink(join(folder, name)),
        write: async () => {
          // Others go on meanwhile.
          await new Promise((resolve) => setTimeout(resolve, 1));
          if (written++ === pieces) throw full;
        },
      };
      // Of several pieces each, so that they are read while the archive is written.
      const row = { x: new Float32Array(65_536), y: new Float64Array(65_536) };
      const schema = await writing.schemaOf([row], {});
      const encode = await writing.encoder(schema);
      const archived = writing.writer(sink, schema);
      for (let i = 0; i < 12; i++) await archived.write(encode(row));
      const before = openFiles();
      await expect(archived.end()).rejects.toBe(full);
      expect(openFiles()).toBe(before - 2);
      await archived.discard!();
      expect(readdirSync(folder).filter((one) => one.includes(name))).toEqual(
        [],
      );
    },
  );

  test("holds no text, and no other record than the first", async () => {
    await expect(async () =>
      writing.schemaOf([{ a: "x" }], {}),
    ).rejects.toThrow("field a is no number");
    const encode = await writing.encoder(
      await writing.schemaOf([record(0)], {}),
    );
    expect(() => encode({ x: Float32Array.of(1, 2, 3) })).toThrow(
      "y is no number, and no array of numbers, and float64 [] in the first record",
    );
  });

  test("cannot be written without a record", async () => {
    await expect(async () => writing.schemaOf([], {})).rejects.toThrow(
      "there are no records, and arrays have the types and shapes that the first one has; write at least one, or another format, jsonl say",
    );
  });
});
