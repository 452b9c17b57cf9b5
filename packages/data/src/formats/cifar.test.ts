import { ArgumentError, DataError } from "@tsmpi/protocol";
import { sourceOf } from "../../../../test/data/formats/memory-file";
import type { FormatOptions } from "../format";
import { recordDecoder } from "../records/decode";
import type { DataRecord } from "../records/record";
import { formatOf } from "../registry";
import { cifar } from "./cifar";

const COUNT = 5;
const PIXELS = 1024;

/** Channel c of pixel p of image i. */
const value = (i: number, c: number, p: number): number =>
  (i * 7 + c * 100 + p) % 256;

function file(labels: (i: number) => readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < COUNT; i++) {
    bytes.push(...labels(i));
    for (let c = 0; c < 3; c++)
      for (let p = 0; p < PIXELS; p++) bytes.push(value(i, c, p));
  }
  return Uint8Array.from(bytes);
}

const ten = file((i) => [i % 10]);
const hundred = file((i) => [i, 90 + i]);

async function read(
  path: string,
  bytes: Uint8Array,
  options: FormatOptions = {},
): Promise<DataRecord[]> {
  const source = sourceOf(path, bytes);
  const schema = await cifar.schema(source, options);
  const decode = await recordDecoder(cifar, schema);
  const records: DataRecord[] = [];
  for await (const raw of cifar.read(source, schema))
    raw.starts.forEach((_, i) => records.push(decode(raw, i, path)));
  return records;
}

describe("CIFAR", () => {
  test("images have their channels last", async () => {
    const records = await read("data_batch_1.bin", ten);
    expect(records).toHaveLength(COUNT);
    records.forEach(({ image, label }, i) => {
      expect(label).toBe(i);
      expect(image).toEqual(
        Uint8Array.from({ length: 3 * PIXELS }, (_, at) =>
          value(i, at % 3, Math.floor(at / 3)),
        ),
      );
    });
  });

  test("of 100 classes has superclasses, too", async () => {
    const [, , third] = await read("cifar-100-binary/train.bin", hundred);
    expect(third).toMatchObject({ label: 92, superclass: 2 });
  });

  test("is told by its length, or by the user, where no name does", async () => {
    expect((await read("a.bin", ten))[0]).not.toHaveProperty("superclass");
    expect((await read("a.bin", hundred))[0]).toHaveProperty("superclass");
    expect(
      (await read("test_batch.bin", hundred, { classes: 100 }))[4],
    ).toMatchObject({ label: 94 });
    await expect(read("a.bin", ten.subarray(1))).rejects.toThrow(DataError);
    const classes = 20 as 10;
    await expect(read("a.bin", ten, { classes })).rejects.toThrow(
      ArgumentError,
    );
  });

  test("that is none, or was cut off, says where", async () => {
    await expect(
      read("data_batch_1.bin", ten.subarray(0, 3073 + 7)),
    ).rejects.toThrow(
      "data_batch_1.bin, record 1 (byte 3073): the file ends after 7 of its 3073 bytes",
    );
    await expect(
      read(
        "data_batch_1.bin",
        ten.map((byte, i) => (i === 3073 ? 77 : byte)),
      ),
    ).rejects.toThrow(
      "data_batch_1.bin, record 1 (byte 3073): its class is 77",
    );
  });

  test("is indexed by its length", async () => {
    const source = sourceOf("data_batch_1.bin", ten);
    const schema = await cifar.schema(source, {});
    expect(await cifar.index!(source, schema)).toEqual({
      records: COUNT,
      places: [{ record: 0, offset: 0 }],
    });
    const cut = sourceOf("data_batch_1.bin", ten.subarray(0, 3074));
    await expect(cifar.index!(cut, schema)).rejects.toThrow("record 1");
  });

  test.each([
    "data_batch_1.bin",
    "cifar-10-batches-bin/test_batch.bin.gz",
    "x/cifar-100-binary/train.bin",
  ])("is what %s is", (path) => expect(formatOf(path).name).toBe("cifar"));

  test.each(["train.bin", "corpus/test.bin"])("is not what %s is", (path) => {
    let name: string | null = null;
    try {
      ({ name } = formatOf(path));
    } catch {
      // Nothing else claims it here.
    }
    expect(name).not.toBe("cifar");
  });
});
