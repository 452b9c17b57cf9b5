import { OpError } from "@tsmpi/protocol";
import { REDUCE_OPS, type ReduceOp } from "./reduce-ops";
import { averageValue, combineValues } from "./reduce-values";

type Case = readonly [
  op: ReduceOp,
  lower: unknown,
  higher: unknown,
  result: unknown,
];

// The results are those of Python's operators.
const CASES: readonly Case[] = [
  ["SUM", 2, 3, 5],
  ["SUM", 0.5, -2, -1.5],
  ["SUM", 2n, 3n, 5n],
  ["SUM", true, true, 2],
  ["SUM", true, 0.5, 1.5],
  ["SUM", true, 5n, 6n],
  ["SUM", "a", "b", "ab"],
  ["SUM", [1], [2, [3]], [1, 2, [3]]],
  ["PROD", 2, 3, 6],
  ["PROD", 2n ** 40n, 2n ** 40n, 2n ** 80n],
  ["PROD", "ab", 3, "ababab"],
  ["PROD", 2, "ab", "abab"],
  ["PROD", [1, [2]], 2n, [1, [2], 1, [2]]],
  ["PROD", "ab", -1, ""],
  ["PROD", true, [7], [7]],
  ["MIN", 2, 3, 2],
  ["MIN", 3, 2, 2],
  ["MAX", 2, 3, 3],
  ["MAX", 3n, 2n, 3n],
  ["MAX", 1, 2n, 2n],
  ["MIN", "b", "a", "a"],
  ["MAX", [1, 2], [1, 1, 9], [1, 2]],
  ["MAX", NaN, 1, NaN],
  ["MAX", 1, NaN, 1],
  ["LAND", 6, 3, true],
  ["LAND", 6, 0, false],
  ["LAND", "a", [], false],
  ["LOR", 0, 0n, false],
  ["LOR", null, "a", true],
  ["LXOR", 6, 3, false],
  ["LXOR", 0, 3, true],
  ["LAND", true, false, false],
  ["BAND", 6, 3, 2],
  ["BOR", 6, 3, 7],
  ["BXOR", 6, 3, 5],
  ["BAND", -1, 2 ** 40 + 5, 2 ** 40 + 5],
  ["BOR", 2 ** 40, 1, 2 ** 40 + 1],
  ["BXOR", -1, 2 ** 40, -(2 ** 40) - 1],
  ["BAND", 2n ** 70n, -1n, 2n ** 70n],
  ["BAND", true, false, false],
  ["BOR", true, false, true],
  ["BXOR", true, true, false],
  ["BOR", true, 4, 5],
  ["BAND", true, 3n, 1n],
  ["BAND", new Set([1, 2]), new Set([2, 3]), new Set([2])],
  ["BOR", new Set([1, 2]), new Set([2, 3]), new Set([1, 2, 3])],
  ["BXOR", new Set([1, 2]), new Set([2, 3]), new Set([1, 3])],
  ["BOR", { a: 1, b: 1 }, { b: 2 }, { a: 1, b: 2 }],
  ["BOR", new Map([["a", 1]]), new Map([["a", 2]]), new Map([["a", 2]])],
  ["MINLOC", [1, 2], [2, 1], [1, 2]],
  ["MINLOC", [2, 1], [1, 2], [1, 2]],
  ["MINLOC", [1, 5], [1, 3], [1, 3]],
  ["MINLOC", [1, 3], [1, 5], [1, 3]],
  ["MAXLOC", [1, 2], [2, 1], [2, 1]],
  ["MAXLOC", [2, 1], [1, 2], [2, 1]],
  ["MAXLOC", [1, 5], [1, 3], [1, 3]],
  ["MAXLOC", ["b", 1], ["a", 0], ["b", 1]],
  ["MAXLOC", [[1], [1]], [[1], [0]], [[1], [0]]],
  ["REPLACE", 2, null, null],
  ["REPLACE", {}, "b", "b"],
  ["NO_OP", null, 2, null],
  ["NO_OP", 3, 2, 3],
  ["AVG", 2, 3, 5],
  ["AVG", true, 0.5, 1.5],
];

const REFUSED: readonly (readonly [ReduceOp, unknown, unknown])[] = [
  ["SUM", {}, {}],
  ["SUM", "a", 1],
  ["SUM", 1, 1n],
  ["SUM", null, 1],
  ["SUM", [1], "a"],
  ["SUM", new Set([1]), new Set([2])],
  ["SUM", new Float32Array(1), new Float32Array(1)],
  ["PROD", "a", "b"],
  ["PROD", "a", 1.5],
  ["PROD", [1], [2]],
  ["PROD", 2, 2n],
  ["MIN", 1, "1"],
  ["MAX", null, null],
  ["MAX", {}, {}],
  ["BAND", 1.5, 1],
  ["BAND", 1, 1n],
  ["BOR", 2 ** 53, 1],
  ["BXOR", "a", "b"],
  ["BAND", { a: 1 }, { a: 1 }],
  ["BOR", new Set([1]), [1]],
  ["MINLOC", 1, 2],
  ["MINLOC", [1, 2, 3], [1, 2, 3]],
  ["MAXLOC", [1, 0], ["a", 0]],
  ["MAXLOC", [1, 0], [1, "a"]],
  ["AVG", 1n, 2n],
  ["AVG", [1], [2]],
];

describe("combineValues", () => {
  it.each(CASES)("%s of %p and %p is %p", (op, lower, higher, result) => {
    expect(combineValues(op, lower, higher)).toStrictEqual(result);
  });

  it.each(REFUSED)("%s is not defined for %p and %p", (op, lower, higher) => {
    expect(() => combineValues(op, lower, higher)).toThrow(OpError);
    expect(() => combineValues(op, lower, higher)).toThrow(
      new RegExp(`^${op} is not defined for \\w+ and \\w+; `),
    );
  });

  it("has a case for each op", () => {
    expect(new Set(CASES.map(([op]) => op))).toEqual(new Set(REDUCE_OPS));
  });

  it("names what it was given", () => {
    expect(() => combineValues("SUM", null, new Set())).toThrow(
      "SUM is not defined for null and Set; give a function (lower, higher) => value instead",
    );
    expect(() => combineValues("SUM", {}, [])).toThrow(
      "SUM is not defined for object and Array; ",
    );
    expect(() => combineValues("MINLOC", 1, "a")).toThrow(
      "MINLOC is not defined for number and string; it takes pairs [value, index]",
    );
  });

  it("of two equal values gives the lower rank's, as Python's max and min do", () => {
    const lower = [1];
    const higher = [1];
    for (const op of ["MIN", "MAX"] as const)
      expect(combineValues(op, lower, higher)).toBe(lower);
    for (const op of ["MINLOC", "MAXLOC"] as const) {
      const [value] = combineValues(op, [lower, 0], [higher, 0]) as unknown[];
      expect(value).toBe(lower);
    }
  });
});

describe("averageValue", () => {
  it("divides by the number of ranks", () => {
    expect(averageValue(5, 2)).toBe(2.5);
    expect(averageValue(true, 1)).toBe(1);
  });

  it.each([["5"], [5n], [null], [[1]]])("refuses %p", (total) => {
    expect(() => averageValue(total, 2)).toThrow(OpError);
  });
});
