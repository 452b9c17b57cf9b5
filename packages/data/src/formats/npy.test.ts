import { DataError } from "@tsmpi/protocol";
import {
  memorySink,
  sourceOf,
} from "../../../../test/data/formats/memory-file";
import type { DataRecord } from "../records/record";
import { npy } from "./npy";

/** As NumPy writes it: the header padded to 64 bytes. */
function file(
  { version = 1, header }: { version?: number; header: string },
  ...data: readonly Uint8Array[]
): Uint8Array {
  const begin = version === 1 ? 10 : 12;
  const padded = Math.ceil((begin + header.length + 1) / 64) * 64;
  const head = Buffer.alloc(padded, " ");
  head.write("\x93NUMPY", "latin1");
  head[6] = version;
  head[7] = 0;
  if (version === 1) head.writeUInt16LE(padded - begin, 8);
  else head.writeUInt32LE(padded - begin, 8);
  head.write(header, begin);
  head[padded - 1] = 10;
  return new Uint8Array(Buffer.concat([head, ...data]));
}

const header = (descr: string, shape: string, order = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }`;

async function read(bytes: Uint8Array): Promise<DataRecord[]> {
  const source = sourceOf("a.npy", bytes);
  const schema = await npy.schema(source, {});
  const decode = await npy.decoder(schema);
  const records: DataRecord[] = [];
  for await (const { bytes, starts, ends } of npy.read(source, schema))
    starts.forEach((start, i) =>
      records.push(decode(bytes.subarray(start, ends[i]))),
    );
  return records;
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe("a NumPy array", () => {
  test.each([1, 2, 3])("of version %i is read row by row", async (version) => {
    const data = bytesOf(Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(
      await read(file({ version, header: header("<f4", "2, 3") }, data)),
    ).toEqual([
      { data: Float32Array.of(1, 2, 3) },
      { data: Float32Array.of(4, 5, 6) },
    ]);
  });

  test.each<[string, Uint8Array, unknown]>([
    ["|b1", Uint8Array.of(0, 1), Uint8Array.of(0, 1)],
    ["|i1", Uint8Array.of(255, 1), Int8Array.of(-1, 1)],
    ["|u1", Uint8Array.of(255, 1), Uint8Array.of(255, 1)],
    ["<i2", Uint8Array.of(1, 2, 3, 4), Int16Array.of(0x201, 0x403)],
    [">i2", Uint8Array.of(1, 2, 3, 4), Int16Array.of(0x102, 0x304)],
    [">u2", Uint8Array.of(255, 2, 3, 4), Uint16Array.of(0xff02, 0x304)],
    [">f4", Buffer.from("3fc0000040000000", "hex"), Float32Array.of(1.5, 2)],
    [
      ">f8",
      Buffer.from("3ff80000000000004000000000000000", "hex"),
      Float64Array.of(1.5, 2),
    ],
    [">i8", Buffer.alloc(16, 255), BigInt64Array.of(-1n, -1n)],
    [
      "<u8",
      Buffer.alloc(16, 255),
      BigUint64Array.of(2n ** 64n - 1n, 2n ** 64n - 1n),
    ],
    ["<f2", Uint8Array.of(0, 0x3c, 0, 0xc0), Float32Array.of(1, -2)],
    [">f2", Uint8Array.of(0x3c, 0, 0xc0, 0), Float32Array.of(1, -2)],
    ["=u4", Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0), Uint32Array.of(1, 2)],
  ])("of elements %s", async (descr, bytes, data) => {
    expect(await read(file({ header: header(descr, "1, 2") }, bytes))).toEqual([
      { data },
    ]);
  });

  test("of one axis has numbers", async () => {
    const numbers = (descr: string, data: ArrayBufferView) =>
      read(file({ header: header(descr, "2,") }, bytesOf(data)));
    expect(await numbers("<f4", Float32Array.of(1.5, 2))).toEqual([
      { data: 1.5 },
      { data: 2 },
    ]);
    expect(await numbers("<i8", BigInt64Array.of(-1n, 2n))).toEqual([
      { data: -1n },
      { data: 2n },
    ]);
    expect(await numbers("|b1", Uint8Array.of(1, 0))).toEqual([
      { data: true },
      { data: false },
    ]);
  });

  test.each(["0, 3", "2, 0"])("of shape (%s) has no numbers", async (shape) => {
    const records = await read(file({ header: header("<f4", shape) }));
    expect(records).toEqual(
      shape === "0, 3" ? [] : Array(2).fill({ data: new Float32Array(0) }),
    );
  });

  test("in Fortran's order is read where that makes no difference", async () => {
    const data = Uint8Array.of(1, 2, 3);
    const shaped = (shape: string) =>
      read(file({ header: header("|u1", shape, "True") }, data));
    expect(await shaped("3, 1, 1")).toHaveLength(3);
    expect(await shaped("1, 3")).toEqual([{ data }]);
    const square = file({ header: header("|u1", "2, 2", "True") }, data);
    await expect(read(square)).rejects.toThrow("ascontiguousarray");
  });

  test.each<[string, Uint8Array, string | RegExp]>([
    ["no .npy file", Buffer.from("hello, this is text"), "a.npy: it does not"],
    [
      "structures",
      file({
        header:
          "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
      }),
      "savez",
    ],
    ["complex numbers", file({ header: header("<c8", "2,") }), "of type <c8"],
    ["Python's objects", file({ header: header("|O", "2,") }), "of type |O"],
    ["a single number", file({ header: header("<f4", "") }), "no rows"],
    [
      "a version nobody knows",
      file({ version: 4, header: header("<f4", "2,") }),
      "version 4",
    ],
    ["a header that says nothing", file({ header: "{}" }), "header is damaged"],
    [
      "too many rows",
      file({ header: header("<f4", "9999999999999999, 9999") }),
      "no file holds",
    ],
    [
      "a file that was cut off",
      file({ header: header("<f4", "2, 2") }, Buffer.alloc(10)),
      "a.npy, record 1 (byte 136): the file ends after 2 of its 8 bytes",
    ],
    [
      "a file that was cut off between rows",
      file({ header: header("<f4", "2, 2") }, Buffer.alloc(8)),
      "a.npy, record 1 (byte 136): the file ends in front of it",
    ],
    [
      "bytes behind its last row",
      file({ header: header("<f4", "2, 2") }, Buffer.alloc(17)),
      "1 bytes or more follow",
    ],
  ])("is not read of %s", async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(message);
    await expect(read(bytes)).rejects.toThrow(DataError);
  });

  test("of another length than its header says is noticed by its index", async () => {
    for (const length of [0, 8, 10, 17]) {
      const bytes = file(
        { header: header("<f4", "2, 2") },
        Buffer.alloc(length),
      );
      const source = sourceOf("a.npy", bytes);
      const schema = await npy.schema(source, {});
      await expect(npy.index!(source, schema)).rejects.toThrow(
        `a.npy, record ${Math.min(2, Math.floor(length / 8))} (byte`,
      );
    }
  });
});

describe("an array that is written", () => {
  const writing = npy.writing!;

  async function write(
    records: readonly DataRecord[],
  ): Promise<{ header: string; records: DataRecord[] }> {
    const schema = await writing.schemaOf(records, {});
    const encode = await writing.encoder(schema);
    const sink = memorySink("a.npy");
    const rows = writing.writer(sink, schema);
    for (const record of records) await rows.write(encode(record));
    await rows.end();
    const bytes = sink.bytes();
    const [header] = /\{.*\}/.exec(Buffer.from(bytes).toString("latin1"))!;
    return { header, records: await read(bytes) };
  }

  test.each<[string, readonly unknown[]]>([
    [
      "'<f4', 'fortran_order': False, 'shape': (2, 3)",
      [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)],
    ],
    ["'|u1', 'fortran_order': False, 'shape': (1, 2)", [Uint8Array.of(1, 2)]],
    ["'<f8', 'fortran_order': False, 'shape': (2,)", [1, 0.5]],
    ["'<i8', 'fortran_order': False, 'shape': (1,)", [-5n]],
    ["'|b1', 'fortran_order': False, 'shape': (2,)", [true, false]],
  ])("as %s", async (header, values) => {
    const records = values.map((data) => ({ data }) as DataRecord);
    const written = await write(records);
    expect(written.header).toContain(header);
    expect(written.records).toEqual(records);
  });

  test("makes floats of 64 bits of lists of numbers", async () => {
    expect((await write([{ x: [1, 2] }])).records).toEqual([
      { data: Float64Array.of(1, 2) },
    ]);
  });

  test("holds one field, and rows of one kind", async () => {
    const data = Float32Array.of(1, 2);
    await expect(write([{ data, label: 3 }])).rejects.toThrow(
      "the first has data, label",
    );
    await expect(write([{ data: "a" }])).rejects.toThrow(DataError);
    await expect(write([])).rejects.toThrow(DataError);
    for (const other of [Float32Array.of(1), Float64Array.of(1, 2), 1, "a"])
      await expect(write([{ data }, { data: other }])).rejects.toThrow(
        "and float32 [2] in the first record",
      );
  });

  test("does not change when the program uses its array again", async () => {
    const data = Float32Array.of(1);
    const encode = await writing.encoder(
      await writing.schemaOf([{ data }], {}),
    );
    const bytes = encode({ data });
    data[0] = 2;
    expect(bytes).toEqual(bytesOf(Float32Array.of(1)));
  });

  test("cannot be written without a record", async () => {
    await expect(async () => npy.writing!.schemaOf([], {})).rejects.toThrow(
      "there are no records, and arrays have the types and shapes that the first one has; write at least one, or another format, jsonl say",
    );
  });
});
