import {
  readBytes,
  writeBytes,
} from "../../../../test/data/formats/read-bytes";
import type { DataRecord } from "../records/record";
import { jsonl } from "./jsonl";

describe("JSON Lines", () => {
  test.each([
    ["ends of lines", '{"a":1}\n{"a":[2,null]}\n'],
    ["of two characters", '{"a":1}\r\n{"a":[2,null]}\r\n'],
    ["none behind the last", '{"a":1}\n{"a":[2,null]}'],
    ["a byte order mark", '\uFEFF{"a":1}\n{"a":[2,null]}'],
    ["empty lines", '\n\r\n{"a":1}\n\n\n{ "a" : [2, null] }\n\n'],
  ])("are read with %s", async (_what, content) => {
    expect(await readBytes(jsonl, content)).toEqual([
      { a: 1 },
      { a: [2, null] },
    ]);
  });

  test("may be none", async () => {
    for (const content of ["", "\n\n", "\uFEFF"])
      expect(await readBytes(jsonl, content)).toEqual([]);
  });

  test.each([
    ['{"a":1}\n{"a":\n', /^x\.jsonl, record 1 \(byte 8\): .*JSON/],
    ['{"a":1}\n{"a":1', /^x\.jsonl, record 1 \(byte 8\): .*JSON/],
    ["[1]\n", /record 0 \(byte 0\): .* is an object, .* and this is an array$/],
    ["null\n", /and this is null$/],
    ["5\n", /and this is a number$/],
    ['{"a":"\xff"}\n', /the text is not UTF-8/],
  ])("%j is refused by its place", async (content, message) => {
    await expect(
      readBytes(jsonl, Buffer.from(content, "latin1")),
    ).rejects.toThrow(message);
  });

  test("hold typed arrays as arrays, −0, and lines and halves of characters in text", async () => {
    const bytes = await writeBytes(jsonl, [
      {
        a: Float32Array.of(0.5, -0),
        b: -0,
        c: "\n\u2028\ud800",
        d: Uint8Array.of(7),
      },
    ]);
    expect(Buffer.from(bytes).toString()).toBe(
      '{"a":[0.5,-0],"b":-0,"c":"\\n\u2028\\ud800","d":[7]}\n',
    );
    expect(await readBytes(jsonl, bytes)).toEqual([
      { a: [0.5, -0], b: -0, c: "\n\u2028\ud800", d: [7] },
    ]);
  });

  test.each([
    [{ a: NaN }, "a is NaN, which JSON cannot hold"],
    [{ a: { b: [1, Infinity] } }, "a.b[1] is Infinity"],
    [{ a: Float32Array.of(1, NaN) }, "a[1] is NaN"],
    [{ a: 5n }, "a is the bigint 5"],
    [{ a: BigInt64Array.of(5n) }, "a[0] is the bigint 5"],
    [{ a: undefined }, "a is undefined"],
    [{ a: new Date(0) }, "a is an instance of Date"],
  ])("cannot hold %p: %s", async (record, message) => {
    await expect(
      writeBytes(jsonl, [record as unknown as DataRecord]),
    ).rejects.toThrow(message);
  });
});
