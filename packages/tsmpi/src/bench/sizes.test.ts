import { formatSize, parseSize, sizesOf } from "./sizes";

const any = { list: null, min: null, max: null, dtype: "float32" } as const;

describe("parseSize", () => {
  it.each([
    ["0", 0],
    ["8", 8],
    ["4B", 4],
    ["1k", 2 ** 10],
    ["1.5k", 1536],
    ["64K", 2 ** 16],
    ["64Ki", 2 ** 16],
    ["4m", 2 ** 22],
    ["1Mi", 2 ** 20],
    ["1MiB", 2 ** 20],
    ["1g", 2 ** 30],
    ["1kB", 1e3],
    ["1MB", 1e6],
    ["2.5gb", 2.5e9],
    ["25e6", 25e6],
    ["1.5e3", 1500],
  ])("takes %s", (text, bytes) => {
    expect(parseSize("bytes", text)).toBe(bytes);
  });

  it.each([
    ...["", "k", "-1", "0.3k", "8 k", "1kbi", "4i", "4iB", "1e-3", "1e400"],
    ...["many", "1,5k"],
  ])("refuses %j, and shows how", (text) =>
    expect(() => parseSize("min", text)).toThrow(
      `--min "${text}" is no number of bytes; give one as in --min 8, --min 64Ki or --min 25e6`,
    ),
  );
});

describe("formatSize", () => {
  it.each([
    ...["0", "8", "1kB", "1KiB", "1025", "1536", "64KiB", "64kB", "3MiB"],
    ...["16MB", "25MB", "1024MB", "1GB", "1GiB", "1024GiB"],
  ])("writes %s back", (text) =>
    expect(formatSize(parseSize("bytes", text))).toBe(text),
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
    [{ list: "8,6" }, "--bytes 6: that is no whole number of float32 elements"],
    [{ list: "8,," }, '--bytes "" is no number of bytes'],
    [{ list: "8", max: "16" }, "give one of the two"],
    [{ min: "5", max: "7" }, "no power of two of float32 elements from 5 to 7"],
  ])("refuses %j", (asked, text) =>
    expect(() => sizesOf({ ...any, ...asked })).toThrow(text),
  );
});
