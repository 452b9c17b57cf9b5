import { isLess, truthOf } from "./python-values";

describe("truthOf", () => {
  it.each([
    [0],
    [-0],
    [0n],
    [false],
    [""],
    [null],
    [undefined],
    [[]],
    [{}],
    [new Set()],
    [new Map()],
    [new Float32Array(0)],
  ])("%p is false", (value) => {
    expect(truthOf(value)).toBe(false);
  });

  it.each([
    [1],
    [NaN],
    [-1n],
    [true],
    ["0"],
    [[0]],
    [{ a: 0 }],
    [new Set([0])],
    [new Map([[0, 0]])],
    [new Float32Array(1)],
    [new Date(0)],
  ])("%p is true", (value) => {
    expect(truthOf(value)).toBe(true);
  });
});

describe("isLess", () => {
  it.each([
    [1, 2],
    [-0.5, 0n],
    [false, true],
    [true, 2],
    ["a", "b"],
    ["Z", "a"],
    ["", "a"],
    ["ab", "abc"],
    ["\ufffd", "\u{1f600}"],
    [
      [1, 2],
      [1, 3],
    ],
    [[1], [1, 0]],
    [[], [0]],
    [
      [1, "a"],
      [1n, "b"],
    ],
    [
      [[1], 5],
      [[1], 6],
    ],
    [
      [null, 1],
      [null, 2],
    ],
    [new Set([1]), new Set([1, 2])],
    [new Date(1), new Date(2)],
  ])("%p is less than %p, and not the other way round", (a, b) => {
    expect(isLess(a, b)).toBe(true);
    expect(isLess(b, a)).toBe(false);
  });

  it.each([
    [1, 1],
    [1, 1n],
    [1, true],
    [NaN, 1],
    [1, NaN],
    ["a", "a"],
    [
      [1, [2]],
      [1, [2]],
    ],
    [new Set([1]), new Set([2])],
    [new Set([1, 2]), new Set([2, 1])],
    [
      [new Set([1]), 0],
      [new Set([1]), 0],
    ],
    [
      [new Date(1), 0],
      [new Date(1), 0],
    ],
  ])("neither of %p and %p is less", (a, b) => {
    expect(isLess(a, b)).toBe(false);
    expect(isLess(b, a)).toBe(false);
  });

  it.each([
    [1, "1"],
    [null, 1],
    [undefined, undefined],
    [{}, {}],
    [[1], 1],
    [[1], ["1"]],
    [[null], [1]],
    [new Map(), new Map()],
    [new Set(), []],
    [new Date(0), 0],
  ])("%p and %p cannot be compared", (a, b) => {
    expect(isLess(a, b)).toBeNull();
  });
});
