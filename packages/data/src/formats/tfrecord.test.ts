import { ArgumentError, DataError } from "@tsmpi/protocol";
import {
  memorySink,
  sourceOf,
} from "../../../../test/data/formats/memory-file";
import type { DataRecord } from "../records/record";
import type { FeatureSpecs } from "../feature-spec";
import { placed } from "../records/decode";
import { tfrecord } from "./tfrecord";

const hex = (text: string): Uint8Array =>
  Buffer.from(text.replaceAll(" ", ""), "hex");

async function decode(
  bytes: Uint8Array,
  features?: FeatureSpecs,
): Promise<DataRecord> {
  const schema = await tfrecord.schema(sourceOf("x", bytes), { features });
  return (await tfrecord.decoder(schema))(bytes);
}

async function encode(
  record: DataRecord,
  first: readonly DataRecord[] = [record],
): Promise<Uint8Array> {
  const schema = await tfrecord.writing!.schemaOf(first, {});
  return (await tfrecord.writing!.encoder(schema))(record);
}

async function fileOf(records: readonly Uint8Array[]): Promise<Uint8Array> {
  const sink = memorySink("a.tfrecord");
  const schema = { features: null, numbers: {} };
  const writer = tfrecord.writing!.writer(sink, schema);
  for (const record of records) await writer.write(record);
  await writer.end();
  return sink.bytes();
}

/** A field with a length: tag, length, bytes. */
const field = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = Buffer.concat(parts);
  return Buffer.from([tag, bytes.length, ...bytes]);
};
const feature = (name: string, ...list: readonly Uint8Array[]): Uint8Array =>
  field(0x0a, field(0x0a, Buffer.from(name)), field(0x12, ...list));
const example = (...features: readonly Uint8Array[]): Uint8Array =>
  field(0x0a, ...features);

describe("tf.train.Example", () => {
  test("keeps kinds apart, and gives back the bytes it was read from", async () => {
    const bytes = example(
      feature("f", field(0x12, field(0x0a, hex("0000c03f")))),
      feature("i", field(0x1a, field(0x0a, hex("01 ffffffffffffffffff01")))),
      feature("n"),
      feature("s", field(0x0a, field(0x0a, hex("61")), field(0x0a))),
    );
    const record = await decode(bytes);
    expect(record).toEqual({
      f: Float32Array.of(1.5),
      i: BigInt64Array.of(1n, -1n),
      n: null,
      s: [Uint8Array.of(97), new Uint8Array(0)],
    });
    expect(Buffer.from(await encode(record)).equals(bytes)).toBe(true);
  });

  test("is read as Protocol Buffers allow it: numbers one by one, messages in parts, unknown fields", async () => {
    const unknown = hex("38 01 41 0102030405060708 4a 02 ffff 55 01020304");
    const bytes = Buffer.concat([
      unknown,
      example(
        unknown,
        feature(
          "i",
          unknown,
          field(0x1a, hex("08 07 08 ac02"), unknown),
          field(0x1a, field(0x0a, hex("05"))),
        ),
      ),
      example(
        feature("f", field(0x12, hex("0d 0000c03f"), field(0x0a))),
        feature("twice", field(0x1a, hex("08 01")), field(0x12)),
        feature("twice", field(0x1a, hex("08 02"))),
      ),
    ]);
    expect(await decode(bytes)).toEqual({
      i: BigInt64Array.of(7n, 300n, 5n),
      f: Float32Array.of(1.5),
      twice: BigInt64Array.of(2n),
    });
  });

  test("may have a feature named __proto__", async () => {
    const record = await decode(
      example(feature("__proto__", field(0x12, hex("0d 0000c03f")))),
    );
    expect(Object.entries(record)).toEqual([
      ["__proto__", Float32Array.of(1.5)],
    ]);
  });

  test("with bytes that are none says so", async () => {
    for (const bytes of [
      hex("0a"),
      hex("0a05"),
      hex("0a020a05"),
      hex("0b"),
      hex("0affffffffffffff"),
      example(feature("i", field(0x1a, field(0x0a, hex("ff"))))),
      example(feature("f", field(0x12, field(0x0a, hex("010203"))))),
      example(field(0x0a, field(0x0a, hex("ff")))),
    ])
      await expect(decode(bytes)).rejects.toThrow(DataError);
  });
});

describe("features that the user names", () => {
  const image = feature(
    "image",
    field(0x12, field(0x0a, hex("0000803f 00000040"))),
  );
  const label = feature("label", field(0x1a, field(0x0a, hex("07"))));
  const name = feature("name", field(0x0a, field(0x0a, Buffer.from("größe"))));
  const all = example(image, label, name);

  test("are read as what they are, and no others", async () => {
    expect(
      await decode(all, {
        label: { dtype: "int32", shape: [] },
        image: { dtype: "float32", shape: [1, 2] },
      }),
    ).toEqual({ label: 7, image: Float32Array.of(1, 2) });
    expect(
      await decode(all, {
        label: { dtype: "int64", shape: [] },
        name: { dtype: "string", shape: [] },
        image: { dtype: "float32", shape: [-1] },
      }),
    ).toEqual({ label: 7n, name: "größe", image: Float32Array.of(1, 2) });
    expect(
      await decode(all, {
        label: { dtype: "int32", shape: [1] },
        name: { dtype: "uint8", shape: [7] },
      }),
    ).toEqual({
      label: Int32Array.of(7),
      name: new Uint8Array(Buffer.from("größe")),
    });
  });

  test.each<[FeatureSpecs, RegExp]>([
    [
      { label: { dtype: "float32", shape: [] } },
      /label is to be float32 \[\], and lies in a int64_list/,
    ],
    [{ image: { dtype: "float32", shape: [3] } }, /and has 2 values/],
    [{ image: { dtype: "float32", shape: [-1, 3] } }, /and has 2 values/],
    [
      { missing: { dtype: "float32", shape: [3] } },
      /there is no feature missing; it has image, label, name/,
    ],
  ])("that are others: %j", async (features, message) => {
    await expect(decode(all, features)).rejects.toThrow(message);
  });

  test("of more than 32 bits are no int32", async () => {
    const big = example(
      feature("label", field(0x1a, field(0x0a, hex("8080808010")))),
    );
    await expect(
      decode(big, { label: { dtype: "int32", shape: [] } }),
    ).rejects.toThrow("4294967296 has more than 32 bits");
  });

  test("that nobody can have are refused", async () => {
    for (const spec of [
      { dtype: "float12", shape: [] },
      { dtype: "float32", shape: [2, -1] },
      { dtype: "float32", shape: 3 },
    ])
      await expect(
        decode(all, { x: spec } as unknown as FeatureSpecs),
      ).rejects.toThrow(ArgumentError);
  });
});

describe("records of JavaScript's values", () => {
  const trip = async (record: DataRecord, first?: readonly DataRecord[]) =>
    decode(await encode(record, first));

  test("become the lists that TensorFlow would take", async () => {
    expect(
      await trip({
        text: "a",
        bytes: Uint8Array.of(1),
        texts: ["a", ""],
        whole: 3,
        broken: [1, 2.5],
        yes: true,
        big: -(2n ** 63n),
        doubles: Float64Array.of(0.1),
        pixels: Int16Array.of(-1, 300),
      }),
    ).toEqual({
      text: [Uint8Array.of(97)],
      bytes: [Uint8Array.of(1)],
      texts: [Uint8Array.of(97), new Uint8Array(0)],
      whole: BigInt64Array.of(3n),
      broken: Float32Array.of(1, 2.5),
      yes: BigInt64Array.of(1n),
      big: BigInt64Array.of(-(2n ** 63n)),
      doubles: Float32Array.of(0.1),
      pixels: BigInt64Array.of(-1n, 300n),
    });
  });

  test("are floats if one of the first records has a number that is not whole", async () => {
    const first = [
      { x: 1, y: [] },
      { x: 0.5, y: [2] },
    ];
    expect(await trip({ x: 2, y: [] }, first)).toEqual({
      x: Float32Array.of(2),
      y: new BigInt64Array(0),
    });
    await expect(trip({ x: 1, y: [0.5] }, first)).rejects.toThrow(
      "feature y: 0.5 is no whole number",
    );
  });

  test("that it cannot hold are refused, and the next one is written", async () => {
    const schema = await tfrecord.writing!.schemaOf([], {});
    const encoder = await tfrecord.writing!.encoder(schema);
    for (const value of [{ a: 1 }, [[1]], [1, "a"], 2n ** 63n])
      expect(() => encoder({ good: "x", value })).toThrow(DataError);
    expect(Buffer.from(encoder({})).toString("hex")).toBe("0a00");
  });
});

describe("a TFRecord file", () => {
  const records = [5, 0, 3_000_000, 70, 2_000_000, 2_000_000].map((length) =>
    Buffer.alloc(length, length),
  );

  test("is indexed without reading what is long", async () => {
    const bytes = await fileOf(records);
    let read = 0;
    const source = {
      ...sourceOf("a.tfrecord", bytes),
      readAt: (offset: number, length: number) => {
        read += length;
        return sourceOf("a.tfrecord", bytes).readAt(offset, length);
      },
    };
    const schema = await tfrecord.schema(source, {});
    const index = await tfrecord.index!(source, schema);
    expect(index).toEqual({
      records: 6,
      places: [
        { record: 0, offset: 0 },
        { record: 3, offset: 3_000_053 },
        { record: 5, offset: 5_000_155 },
      ],
    });
    expect(read).toBeLessThan(2 * 2 ** 20);
  });

  test("with another bit in the length of a record ends there, and says where", async () => {
    const bytes = await fileOf(records);
    bytes[21 + 4]! ^= 16;
    const source = sourceOf("a.tfrecord", bytes);
    const schema = await tfrecord.schema(source, {});
    const read = async () => {
      for await (const { starts } of tfrecord.read(source, schema))
        expect(starts.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toThrow(
      /record 1 \(byte 21\): the checksum of its length/,
    );
  });

  test("with other bits in the bytes of records has all the others", async () => {
    const bytes = await fileOf(records);
    // In a record that spans pieces of the file, and in the checksum of the last one.
    bytes[21 + 16 + 13]! ^= 16;
    bytes[bytes.length - 2]! ^= 1;
    const source = sourceOf("a.tfrecord", bytes);
    const decode = placed(tfrecord, (_, start, end) => end - start);
    const found: (number | string)[] = [];
    for await (const raw of tfrecord.read(source, {
      ...{ features: null, numbers: {} },
    }))
      for (let i = 0; i < raw.starts.length; i++)
        try {
          found.push(decode(raw, i, "a.tfrecord"));
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
          found.push((error as Error).message);
        }
    const lengths = records.map(({ length }) => length);
    expect(found).toEqual([
      ...lengths.slice(0, 2),
      `a.tfrecord, record 2 (byte ${21 + 16 + 12}): the checksum of its 3000000 bytes is wrong; the file is damaged`,
      ...lengths.slice(3, -1),
      expect.stringMatching(/record 5 .*: the checksum of its \d+ bytes/),
    ]);
  });

  test("that was cut off is noticed by its index, too", async () => {
    const bytes = (await fileOf(records)).subarray(0, 3_000_053 + 20);
    const source = sourceOf("a.tfrecord", bytes);
    await expect(
      tfrecord.index!(source, await tfrecord.schema(source, {})),
    ).rejects.toThrow(
      "a.tfrecord, record 3 (byte 3000053): the file ends after 20 of its 86 bytes",
    );
  });
});
