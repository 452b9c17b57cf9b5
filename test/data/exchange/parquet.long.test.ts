import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DataRecord,
  FORMATS,
  openSource,
  recordDecoder,
} from "@tsmpi/data";
import { unless } from "../../support/unless";

const CODECS = ["none", "snappy", "gzip", "zstd", "brotli", "lz4"];

/** A Python with pyarrow, in an environment of its own; or why there is none. */
const folder = mkdtempSync(join(tmpdir(), "tsmpi-pyarrow-"));
const python = join(folder, "venv/bin/python");
const options = { stdio: "pipe", timeout: 1_200_000 } as const;

function install(): string | null {
  try {
    execFileSync("python3", ["-m", "venv", join(folder, "venv")], options);
    const packages = ["install", "--quiet", "pyarrow", "numpy"];
    execFileSync(python, ["-m", "pip", ...packages], options);
    return null;
  } catch (error) {
    const { stderr, message } = error as { stderr?: Buffer; message: string };
    const said = (stderr?.toString() || message).trim().split("\n");
    return `pyarrow could not be installed with pip (${said.at(-1)})`;
  }
}

const { suite } = unless(install(), "Parquet files of pyarrow's");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rowOf = (i: number): DataRecord => ({
  ...{ id: i, large: 2n ** 60n + BigInt(i), byte: i % 256 },
  ...{ largest: 2n ** 63n + BigInt(i), half: i },
  price: i % 3 === 0 ? null : i / 3,
  text: i % 5 === 0 ? null : `text ${i} ä`,
  bytes: Uint8Array.of(i, 255),
  flag: i % 2 === 0,
  vector: Float32Array.from({ length: i % 4 }, (_, k) => i + k / 4),
  pair: Float32Array.of(i, i + 1),
  tokens: i % 2 ? [i, null] : BigInt64Array.of(1n, 2n ** 62n),
  nested: [Int32Array.of(1, 2), Int32Array.of(i)],
  struct: { x: i, y: { z: Int8Array.of(i % 100) } },
  map: { [`k${i}`]: i },
  day:
    i % 7 === 0
      ? null
      : new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10),
  time: "1969-12-31T23:59:59.123456Z",
  ...{ decimal: 12.5, word: "ab"[i % 2]!, nothing: null },
});

suite("Parquet files of pyarrow's", () => {
  beforeAll(() => {
    const script = join(__dirname, "parquet.py");
    execFileSync(python, [script, folder, ...CODECS], options);
  });
  test.each([...CODECS, "version2"])("are read: %s", async (name) => {
    const path = join(folder, `${name}.parquet`);
    const [source, format] = [await openSource(path), FORMATS.get("parquet")!];
    const schema = await format.schema(source, {});
    const decode = await recordDecoder(format, schema);
    const records: DataRecord[] = [];
    for await (const raw of format.read(source, schema))
      raw.starts.forEach((_, i) => records.push(decode(raw, i, path)));
    expect(records).toEqual(Array.from({ length: 1000 }, (_, i) => rowOf(i)));
  });
});
