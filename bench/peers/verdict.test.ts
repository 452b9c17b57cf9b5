import { verdict } from "./verdict.ts";

describe("a verdict", () => {
  it.each([
    [[0.15, 0.1, 0.2], { limit: 0.15 }, "lower", "≤ 0.15: reached"],
    [[0.21], { limit: 0.15 }, "lower", "≤ 0.15: **missed** by 40 %"],
    [
      [1.2],
      { limit: 1.3, aim: 1 },
      "lower",
      "≤ 1.3: reached, the aim of 1 not yet",
    ],
    [
      [0.9],
      { limit: 1.3, aim: 1 },
      "lower",
      "≤ 1.3: reached, the aim of 1 too",
    ],
    [[1.15], { limit: 1.15 }, "higher", "≥ 1.15: reached"],
    [[0.1501], { limit: 0.15 }, "lower", "≤ 0.15: **missed** by 1 %"],
    [[0.6], { limit: 0.8 }, "higher", "≥ 0.8: **missed** by 25 %"],
    [
      [1.4],
      { limit: 1.15, aim: 1.3 },
      "higher",
      "≥ 1.15: reached, the aim of 1.3 too",
    ],
    [
      [1.2],
      { limit: 1.15, aim: 1.3 },
      "higher",
      "≥ 1.15: reached, the aim of 1.3 not yet",
    ],
    [[], { limit: 0.8 }, "higher", "≥ 0.8: not measured"],
  ] as const)("on %j, to be %j and %s, is %s", (values, limit, better, text) =>
    expect(verdict(values, limit, better)).toBe(text),
  );
});
