import { formatSize, parseSize, sizesOf } from "./sizes";

const any = { list: null, min: null, max: null, dtype: "float32" } as const;

describe("parseSize", () => {
  it.each([
    ["0", 0],
    ["8", 8],
    ["1k", 1024],
    ["64K", 65536],
    ["4m", 4 * 2 ** 20],
    ["1g", 2 ** 30],
  ])("takes %s", (text, bytes) => {
    expect(parseSize("sizes", text)).toBe(bytes);
  });

  it.each(["", "k", "-1", "1.5k", "8 k", "1kb", "many"])(
    "refuses %j, and shows how",
    (text) =>
      expect(() => parseSize("min", text)).toThrow(
        `--min "${text}" is no number of bytes; give one as in --min 8`,
      ),
  );
});

describe("formatSize", () => {
  it.each(["0", "8", "1000", "1k", "1025", "1536", "64k", "3m", "1g", "1024g"])(
    "writes %s back",
    (text) => expect(formatSize(parseSize("sizes", text))).toBe(text),
  );
});

describe("sizesOf", () => {
  it("takes a list as it is", () =>
    expect(sizesOf({ ...any, list: "1k,4,1m" })).toEqual([1024, 4, 2 ** 20]));

  it("takes powers of two between --min and --max, of whole elements", () => {
    expect(sizesOf({ ...any, max: "16" })).toEqual([4, 8, 16]);
    expect(sizesOf({ ...any, min: "1m" })).toEqual(
      [1, 2, 4].map((m) => m << 20),
    );
    expect(sizesOf({ ...any, min: "5", max: "40" })).toEqual([8, 16, 32]);
  });

  it("takes powers of four up to 4 MiB by default", () =>
    expect(sizesOf({ ...any, dtype: "uint8" })).toEqual(
      Array.from({ length: 12 }, (_, power) => 4 ** power),
    ));

  it.each([
    [{ list: "8,6" }, "--sizes 6: that is no whole number of float32 elements"],
    [{ list: "8,," }, '--sizes "" is no number of bytes'],
    [{ list: "8", max: "16" }, "give one of the two"],
    [{ min: "5", max: "7" }, "no power of two of float32 elements from 5 to 7"],
  ])("refuses %j", (asked, text) =>
    expect(() => sizesOf({ ...any, ...asked })).toThrow(text),
  );
});
