import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DataRecord,
  type FormatOptions,
  formatOf,
  openSink,
  openSource,
  recordDecoder,
} from "@tsmpi/data";
import { bytesOf, type TypedArray } from "@tsmpi/protocol";
import { Random } from "../formats/random-records";
import { unless } from "../../support/unless";

/** A Python with TensorFlow and NumPy, in an environment of its own; or why there is none. */
const folder = mkdtempSync(join(tmpdir(), "tsmpi-exchange-"));
const python = join(folder, "venv/bin/python");
const options = { stdio: "pipe", timeout: 1_200_000 } as const;

function install(): string | null {
  try {
    execFileSync("python3", ["-m", "venv", join(folder, "venv")], options);
    const packages = ["install", "--quiet", "tensorflow-cpu"];
    execFileSync(python, ["-m", "pip", ...packages], options);
    return null;
  } catch (error) {
    const { stderr, message } = error as { stderr?: Buffer; message: string };
    const said = (stderr?.toString() || message).trim().split("\n");
    return `TensorFlow could not be installed with pip (${said.at(-1)})`;
  }
}

const { suite } = unless(install(), "the exchange with TensorFlow and NumPy");

const at = (name: string): string => join(folder, name);
const run = (verb: string): void => {
  const script = join(__dirname, "exchange.py");
  execFileSync(python, [script, verb, folder], options);
};

async function read(
  name: string,
  options: FormatOptions = {},
): Promise<{ records: DataRecord[]; bytes: string[] }> {
  const [source, format] = [await openSource(at(name)), formatOf(name)];
  const schema = await format.schema(source, options);
  const decode = await recordDecoder(format, schema);
  const [records, bytes]: [DataRecord[], string[]] = [[], []];
  for await (const raw of format.read(source, schema))
    raw.starts.forEach((start, i) => {
      records.push(decode(raw, i, name));
      const own = raw.bytes.subarray(start, raw.ends[i]);
      bytes.push(Buffer.from(own).toString("hex"));
    });
  return { records, bytes };
}

async function write(
  name: string,
  records: readonly DataRecord[],
  options: FormatOptions = {},
): Promise<void> {
  const writing = formatOf(name).writing!;
  const schema = await writing.schemaOf(records.slice(0, 10), options);
  const encode = await writing.encoder(schema);
  const sink = openSink(at(name));
  const writer = writing.writer(sink, schema);
  for (const record of records) await writer.write(encode(record));
  await writer.end();
  await sink.publish();
}

const hex = (array: unknown): string =>
  Buffer.from(bytesOf(array as TypedArray)).toString("hex");
const together = (arrays: readonly unknown[]): string =>
  arrays.map(hex).join("");
const json = (name: string) =>
  JSON.parse(readFileSync(at(name), "utf8")) as Record<string, never>;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The fields of a `PretrainData`; of the floats their bits. */
type Message = readonly [id: number, text: string, features: string];
const PROTO = {
  proto: join(__dirname, "../../../examples/pretrain-data.proto"),
};

const random = new Random(10);
const MESSAGES = Array.from({ length: 1000 }, (_, i) => ({
  id: i % 5 === 0 ? 0 : random.bits(),
  text: random.text([..."ab \n\0äß漢😀"], 60),
  features: random.floats(random.pick([0, 1, 3, 200])).filter(Number.isFinite),
}));

suite("files are exchanged with Python", () => {
  interface Expected {
    readonly records: readonly string[];
    readonly arrays: Readonly<Record<string, readonly string[]>>;
    readonly line: readonly number[];
    readonly messages: readonly Message[];
  }
  let expected: Expected;
  beforeAll(() => {
    run("write");
    expected = json("expected.json") as unknown as Expected;
  });

  test.each(["a.tfrecord", "b.tfrecord.gz"])(
    "%s of TensorFlow's is read, and written again to the bit",
    async (name) => {
      const { records, bytes } = await read(name);
      expect(bytes).toEqual(expected.records);
      expect(records[5]).toEqual({
        floats: Float32Array.of(5 / 3),
        integers: BigInt64Array.of(5n, -5n, 2n ** 63n - 1n, -(2n ** 63n)),
        bytes: [new Uint8Array(5).fill(5), new Uint8Array(0)],
        nothing: null,
        größe: Float32Array.of(5),
      });
      const writing = formatOf(name).writing!;
      const encode = await writing.encoder(await writing.schemaOf(records, {}));
      expect(
        records.map((record) => Buffer.from(encode(record)).toString("hex")),
      ).toEqual(expected.records);
    },
  );

  test("arrays of NumPy's are read", async () => {
    const names = Object.keys(expected.arrays);
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) {
      const { records } = await read(`${name}.npy`);
      const rows = records.map(({ data }) => hex(data));
      expect({ name, rows }).toEqual({ name, rows: expected.arrays[name] });
    }
    const { records } = await read("line.npy");
    expect(records.map(({ data }) => data)).toEqual(expected.line);
  });

  test.each(["stored.npz", "packed.npz"])("%s is read", async (name) => {
    const { records } = await read(name);
    expect(records).toHaveLength(1000);
    records.forEach((record, i) =>
      expect(record).toEqual({
        x: Float32Array.of(4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3),
        y: BigInt(i),
      }),
    );
  });

  test("messages of Python's protobuf are read, and are the same bytes when they are written again", async () => {
    const { records } = await read("theirs.pb", PROTO);
    expect(
      records.map(({ id, text, features }) => [id, text, hex(features)]),
    ).toEqual(expected.messages);
    await write("again.pb", records, PROTO);
    expect(
      readFileSync(at("again.pb")).equals(readFileSync(at("theirs.pb"))),
    ).toBe(true);
  });

  test("what is written here is read there", async () => {
    const { records } = await read("a.tfrecord");
    await write("ours.tfrecord", records);
    await write("ours.tfrecord.gz", records);
    const rows = Array.from({ length: 1000 }, (_, i) => ({
      data: Float32Array.of(i, -i, i / 3),
    }));
    await write("ours.npy", rows);
    const pairs = rows.map(({ data }, i) => ({ x: data, "y z": i / 2 }));
    await write("ours.npz", pairs);
    await write("ours.pb", MESSAGES, PROTO);
    run("read");
    expect(existsSync(at("seen.json"))).toBe(true);
    expect(json("seen.json")).toEqual({
      records: expected.records,
      packed: expected.records,
      npy: {
        ...{ dtype: "<f4", shape: [1000, 3] },
        bits: together(rows.map(({ data }) => data)),
      },
      npz: {
        x: {
          ...{ dtype: "<f4", shape: [1000, 3] },
          bits: together(rows.map(({ data }) => data)),
        },
        "y z": {
          ...{ dtype: "<f8", shape: [1000] },
          bits: together(rows.map((_, i) => Float64Array.of(i / 2))),
        },
      },
      messages: MESSAGES.map(({ id, text, features }) => [
        ...[id, text, hex(features)],
      ]),
    });
  });
});
