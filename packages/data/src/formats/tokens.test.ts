import { bytesOf } from "@tsmpi/protocol";
import {
  readBytes,
  writeBytes,
} from "../../../../test/data/formats/read-bytes";
import type { FormatOptions } from "../format";
import { formatOf } from "../registry";
import { tokens } from "./tokens";

const TEN = Uint16Array.from({ length: 10 }, (_, i) => 60_000 + i);

describe("files of tokens", () => {
  test("are windows, without the tokens behind the last whole one", async () => {
    const bytes = Buffer.from(TEN.buffer);
    expect(await readBytes(tokens, bytes, { window: 4 })).toEqual([
      { tokens: TEN.slice(0, 4) },
      { tokens: TEN.slice(4, 8) },
    ]);
    expect(await readBytes(tokens, bytes, { window: 11 })).toEqual([]);
    const place = { record: 1, offset: 8 };
    expect(await readBytes(tokens, bytes, { window: 4 }, place)).toEqual([
      { tokens: TEN.slice(4, 8) },
    ]);
  });
  test("are of the type that is said", async () => {
    const options = { window: 2, dtype: "int32" };
    expect(
      await readBytes(
        tokens,
        Buffer.from(Int32Array.of(-1, 2).buffer),
        options,
      ),
    ).toEqual([{ tokens: Int32Array.of(-1, 2) }]);
  });
  test("that end within a token are refused", async () => {
    await expect(
      readBytes(tokens, Buffer.from(TEN.buffer, 0, 9), { window: 4 }),
    ).rejects.toThrow(
      "x.tokens, record 1 (byte 8): the file ends within a token of 2 bytes",
    );
  });
  test.each([
    [{ dtype: "float32" }, "tokens are of uint16, uint32, int32"],
    [{ dtype: "toString" }, "dtype is toString"],
    [{ window: 0 }, "window is 0"],
    [{ window: 1.5 }, "window is 1.5"],
  ] as [FormatOptions, string][])("refuse %j", async (options, message) => {
    await expect(readBytes(tokens, "", options)).rejects.toThrow(message);
  });
  test.each([
    [
      { tokens: TEN.slice(1) },
      "10 of uint16, and this one has 9 tokens of uint16",
    ],
    [
      { tokens: Int32Array.from(TEN).fill(-1, 3, 4) },
      "token 3 is -1, which uint16 cannot hold",
    ],
    [
      { tokens: [...TEN.subarray(1), 65_536] },
      "token 9 is 65536, which uint16 cannot hold",
    ],
    [{ tokens: [...TEN.subarray(1), "1"] }, "token 9 is 1, which uint16"],
    [{ tokens: new Array(10).fill(0.5) }, "token 0 is 0.5, which uint16"],
    [{ text: "a" }, "this one has the fields text"],
  ])("cannot hold %p behind others", async (record, message) => {
    await expect(
      writeBytes(tokens, [{ tokens: TEN }, record], {}, 1),
    ).rejects.toThrow(message);
  });
  test.each([
    ["lists", [...TEN]],
    ["integers of 64 bits", BigInt64Array.from(TEN, BigInt)],
    ["others", Int32Array.from(TEN)],
  ])("are written of %s, too", async (_, of) => {
    const records = [{ tokens: TEN }, { tokens: of }];
    const bytes = await writeBytes(tokens, records, {}, 1);
    expect(bytes).toEqual(Buffer.concat([bytesOf(TEN), bytesOf(TEN)]));
    const alone = await writeBytes(tokens, [{ tokens: of }], {
      dtype: "uint16",
    });
    expect(alone).toEqual(Buffer.from(bytesOf(TEN)));
  });
  test("named .bin are tokens, but those that CIFAR has", () => {
    expect(formatOf("data/train.bin").name).toBe("tokens");
    expect(formatOf("data/data_batch_1.bin.gz").name).toBe("cifar");
  });
});
