import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  readBytes,
  writeBytes,
} from "../../../../test/data/formats/read-bytes";
import type { DataRecord } from "../records/record";
import { protobuf } from "./protobuf";

const PRETRAIN = `syntax = "proto3";
message PretrainData { int32 id = 1; string text = 2; repeated float features = 3; }`;
const RECORDS = [
  { id: 1, text: "ab", features: Float32Array.of(0.5, -2) },
  { id: 0, text: "", features: new Float32Array(0) },
];
/** As protoc --encode makes them: tag, value, …; behind their lengths. Source: https://protobuf.dev/programming-guides/encoding */
const BYTES = Buffer.from(
  "10" + "0801" + "12026162" + "1a08" + "0000003f" + "000000c0" + "00",
  "hex",
);

describe("Protocol Buffers", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tsmpi-proto-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const proto = (text: string, name = "x.proto"): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test("are written and read as the worked example has them, the only message needing no name", async () => {
    const options = { proto: proto(PRETRAIN) };
    expect(await readBytes(protobuf, BYTES, options)).toEqual(RECORDS);
    expect(Buffer.from(await writeBytes(protobuf, RECORDS, options))).toEqual(
      BYTES,
    );
  });

  test("are decoded by who has the schema, and no .proto", async () => {
    const imported = proto(
      PRETRAIN.replace("message", "package p; message"),
      "y.proto",
    );
    const path = proto(
      'syntax = "proto2"; import "y.proto"; message A { required p.PretrainData data = 1; optional int32 n = 2 [default = 7]; }',
    );
    const found = await protobuf.writing!.schemaOf([], {
      proto: path,
      message: "A",
    });
    rmSync(path);
    rmSync(imported);
    const schema = JSON.parse(JSON.stringify(found)) as typeof found;
    const encode = await protobuf.writing!.encoder(schema);
    const decode = await protobuf.decoder(schema);
    expect(decode(encode({ data: RECORDS[0]! }))).toEqual({
      data: RECORDS[0],
      n: 7,
    });
  });

  test("need a .proto that can be read, and a message that it has", async () => {
    const two = proto(
      'syntax = "proto3"; package p; message A {} message B { message C {} }',
    );
    const refused = (options: object) =>
      expect(readBytes(protobuf, BYTES, options)).rejects;
    await refused({}).toThrow("give the path of the .proto");
    await refused({ proto: two }).toThrow(
      "has the messages p.A, p.B, p.B.C; say which",
    );
    await refused({ proto: two, message: "D" }).toThrow(
      "has no message D; it has p.A, p.B, p.B.C",
    );
    await refused({ proto: join(folder, "no.proto") }).toThrow(
      /no\.proto cannot be read as a \.proto: ENOENT/,
    );
    await refused({ proto: proto("message {") }).toThrow(
      /x\.proto cannot be read as a \.proto: illegal/,
    );
    await refused({
      proto: proto('syntax = "proto3"; message A { Other o = 1; }'),
    }).toThrow(/cannot be read as a \.proto: .*Other/);
  });

  test.each([
    [
      "another type",
      PRETRAIN.replace("string text", "int32 text"),
      "field text (number 2) of PretrainData is no int32 in the file",
    ],
    [
      "other numbers",
      "syntax = 'proto3'; message A { int32 x = 9; }",
      "it has nothing of A, but fields 1, 2, 3, which that has not",
    ],
    [
      "more that is required",
      "syntax = 'proto2'; message A { required int32 id = 1; required int32 x = 9; }",
      "its bytes are no A: missing required 'x'",
    ],
  ])("are refused by a .proto with %s", async (_what, text, message) => {
    const options = { proto: proto(text) };
    await expect(readBytes(protobuf, BYTES, options)).rejects.toThrow(
      `x.pb, record 0 (byte 1): ${message}`,
    );
  });

  test("may have fields that the .proto has not, beside those that it has", async () => {
    const options = {
      proto: proto("syntax = 'proto3'; message A { string text = 2; }"),
    };
    expect(await readBytes(protobuf, BYTES, options)).toEqual([
      { text: "ab" },
      { text: "" },
    ]);
  });

  test.each([
    [
      "cut",
      BYTES.subarray(0, 10),
      "record 0 (byte 0): the message should have 16 bytes, and the file ends 7 bytes before that",
    ],
    [
      "cut in a length",
      Buffer.from("0080", "hex"),
      "record 1 (byte 1): the file ends within the length of a message",
    ],
    [
      "without lengths",
      Buffer.from("ffffffffff", "hex"),
      "record 0 (byte 0): there is no length of a message here",
    ],
    [
      "no messages",
      Buffer.from("03ffffff", "hex"),
      "record 0 (byte 1): its bytes are no PretrainData",
    ],
    [
      "not UTF-8",
      Buffer.from("031201ff", "hex"),
      "record 0 (byte 1): its bytes are no PretrainData",
    ],
  ])(
    "that are %s are refused by their place",
    async (_what, bytes, message) => {
      const options = { proto: proto(PRETRAIN) };
      await expect(readBytes(protobuf, bytes, options)).rejects.toThrow(
        `x.pb, ${message}`,
      );
    },
  );

  test.each([
    [{ id: 1, text: "" }, "there is no features, which PretrainData needs"],
    [
      { id: 1, features: [] },
      'there is no text, which PretrainData needs; make it "optional string text"',
    ],
    [
      { ...RECORDS[0], more: 1 },
      "there is a field more, and PretrainData has only id, text, features",
    ],
    [
      { ...RECORDS[0], id: 2 ** 31 },
      "field id is 2147483648, which int32 cannot hold",
    ],
    [{ ...RECORDS[0], id: 0.5 }, "field id is 0.5"],
    [{ ...RECORDS[0], text: 5 }, "field text is 5, which string cannot hold"],
    [{ ...RECORDS[0], text: "\ud800" }, "half of a surrogate pair"],
    [
      { ...RECORDS[0], features: ["a"] },
      'field features[0] is "a", which float cannot hold',
    ],
    [
      { ...RECORDS[0], features: 5 },
      "field features is 5, which repeated float cannot hold",
    ],
  ] as [DataRecord, string][])(
    "cannot hold %p: %s",
    async (record, message) => {
      const options = { proto: proto(PRETRAIN) };
      await expect(writeBytes(protobuf, [record], options)).rejects.toThrow(
        message,
      );
    },
  );

  test("hold one of a oneof, and numbers of 64 bits as they are", async () => {
    const options = {
      proto: proto(
        "syntax = 'proto3'; message A { oneof what { int64 a = 1; uint64 b = 2; } }",
      ),
    };
    const records = [
      { a: -(2n ** 63n), b: null },
      { a: null, b: 2n ** 64n - 1n },
      { a: 5, b: null },
      { a: null, b: null },
    ];
    const bytes = await writeBytes(protobuf, records, options);
    expect(await readBytes(protobuf, bytes, options)).toEqual(records);
    await expect(
      writeBytes(protobuf, [{ a: 1, b: 1 }], options),
    ).rejects.toThrow(
      "there are a and b, of which A has only one at a time (oneof what)",
    );
    await expect(
      writeBytes(protobuf, [{ a: 2n ** 63n }], options),
    ).rejects.toThrow(
      "field a is 9223372036854775808, which int64 cannot hold",
    );
  });
});
