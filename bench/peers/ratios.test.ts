import {
  median,
  millisecondsText,
  ratios,
  ratioText,
  spread,
  wholeText,
} from "./ratios.ts";

describe("ratios", () => {
  it("are those of the rounds that both have", () => {
    expect(ratios([2, 6, 8], [4, 3])).toEqual([0.5, 2]);
    expect(ratios([], [4, 3])).toEqual([]);
    expect(ratios([2], [])).toEqual([]);
  });
});

describe("the median", () => {
  it.each([
    [[7], 7],
    [[30, 1, 2], 2],
    [[4, 1, 100, 2], 3],
  ])("of %j is %d", (values, middle) => {
    const before = [...values];
    expect(median(values)).toBe(middle);
    expect(values).toEqual(before);
  });
});

describe("a spread", () => {
  it.each([
    [[], "–"],
    [[3], "3"],
    [[9, 1, 2], "2 (1–9)"],
  ])("of %j reads %s", (values, text) =>
    expect(spread(values, String)).toBe(text),
  );
});

describe("figures", () => {
  it.each([
    [0.00421, "0.0042"],
    [0.9, "0.90"],
    [0.149, "0.15"],
    [1.149, "1.15"],
    [12.4, "12"],
    [1234.5, "1,235"],
  ])("a ratio of %d reads %s", (ratio, text) =>
    expect(ratioText(ratio)).toBe(text),
  );

  it.each([
    [0.01424, "0.0142"],
    [16, "16.0"],
    [1047.4, "1,047"],
  ])("%d ms read %s", (ms, text) => expect(millisecondsText(ms)).toBe(text));

  it("samples have no fractions", () =>
    expect(wholeText(13412.4)).toBe("13,412"));
});
