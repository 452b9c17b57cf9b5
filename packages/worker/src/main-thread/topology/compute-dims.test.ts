import { ArgumentError, DimensionsError } from "@tsmpi/protocol";
import { productOf } from "./checks";
import { computeDims } from "./compute-dims";

/** All lists of `count` numbers in falling order whose product is `n`. */
function factorizations(n: number, count: number, limit = n): number[][] {
  if (count === 0) return n === 1 ? [[]] : [];
  return Array.from({ length: Math.min(n, limit) }, (_, i) => i + 1)
    .filter((divisor) => n % divisor === 0)
    .flatMap((divisor) =>
      factorizations(n / divisor, count - 1, divisor).map((rest) => [
        divisor,
        ...rest,
      ]),
    );
}

const byItems = (a: readonly number[], b: readonly number[]): number =>
  a.map((item, i) => item - b[i]!).find((difference) => difference !== 0) ?? 0;

describe("computeDims", () => {
  it.each([1, 2, 3, 4, 5])(
    "in %i dimensions gives the grid whose largest dimension is smallest, then the next",
    (count) => {
      for (let ranks = 1; ranks <= 150; ranks++)
        expect(computeDims(ranks, count)).toEqual(
          factorizations(ranks, count).sort(byItems)[0],
        );
    },
  );

  // MPI 4.1, the examples of MPI_DIMS_CREATE.
  it.each([
    [6, [0, 0], [3, 2]],
    [7, [0, 0], [7, 1]],
    [6, [0, 3, 0], [2, 3, 1]],
  ])("of %i ranks in dims %j are %j", (ranks, dims, expected) => {
    expect(computeDims(ranks, dims)).toEqual(expected);
  });

  it.each([
    [12, 2, [4, 3]],
    [72, 3, [6, 4, 3]],
    [24, [0, 2, 0, 1], [4, 2, 3, 1]],
    [6, [3, 2], [3, 2]],
    [1, [0, 0], [1, 1]],
    [5, 0, []],
    [5, [], []],
    [2 ** 40, 2, [2 ** 20, 2 ** 20]],
  ])("of %i ranks in dims %j are %j", (ranks, dims, expected) => {
    expect(computeDims(ranks, dims)).toEqual(expected);
    if (expected.length) expect(productOf(expected)).toBe(ranks);
  });

  it.each([
    [7, [0, 3, 0]],
    [6, [2, 2]],
    [12, [2, 3]],
    [6, [6, 2]],
    [6, [-1, 0]],
    [6, [1.5, 0]],
    [6, -1],
    [6, 1.5],
  ])("of %i ranks in dims %j cannot be", (ranks, dims) => {
    expect(() => computeDims(ranks, dims)).toThrow(DimensionsError);
  });

  it.each([0, -2, 1.5])("of %p ranks cannot be", (ranks) => {
    expect(() => computeDims(ranks, 2)).toThrow(ArgumentError);
  });

  it("leaves the list that it was given as it is", () => {
    const dims = [0, 0];
    computeDims(6, dims);
    expect(dims).toEqual([0, 0]);
  });
});
