import { ArgumentError, DimensionsError, RankError } from "@tsmpi/protocol";
import { PROC_NULL, UNDEFINED } from "../constants";
import {
  coordinatesOf,
  type Grid,
  gridNeighbours,
  mapToGrid,
  rankAt,
  readGrid,
  shift,
  sizeOfGrid,
  subGrid,
} from "./cartesian";

/** 3 × 4, a ring in the second dimension only: rank = 4 × row + column. */
const GRID: Grid = { dims: [3, 4], periods: [false, true] };
const RANKS = Array.from({ length: 12 }, (_, rank) => rank);
const rowOf = (rank: number): number => Math.floor(rank / 4);
const columnOf = (rank: number): number => rank % 4;

describe("readGrid", () => {
  it.each([
    [null, [false, false]],
    [true, [true, true]],
    [false, [false, false]],
    [
      [true, 0],
      [true, false],
    ],
  ])("takes periods %j for %j", (given, periods) => {
    expect(readGrid([2, 3], given, 6)).toEqual({ dims: [2, 3], periods });
  });

  it.each([[[7]], [[2, 4]], [[0, 3]], [[-1]], [[1.5]]])(
    "refuses dims %j on 6 ranks",
    (dims) => {
      expect(() => readGrid(dims, null, 6)).toThrow(DimensionsError);
    },
  );

  it.each([[[]], [[false, false]]])(
    "refuses periods %j of one dimension",
    (periods) => {
      expect(() => readGrid([6], periods, 6)).toThrow(ArgumentError);
      expect(() => readGrid([6], periods, 6)).toThrow(
        `expecting 1 items, got ${periods.length}`,
      );
    },
  );

  it("makes a grid without dimensions, of one rank", () => {
    const grid = readGrid([], null, 5);
    expect(sizeOfGrid(grid)).toBe(1);
    expect(coordinatesOf(grid, 0)).toEqual([]);
    expect(rankAt(grid, [])).toBe(0);
    expect(gridNeighbours(grid, 0)).toEqual([]);
  });
});

describe("coordinates", () => {
  it("run fastest in the last dimension, and lead back to the rank", () => {
    for (const rank of RANKS) {
      expect(coordinatesOf(GRID, rank)).toEqual([rowOf(rank), columnOf(rank)]);
      expect(rankAt(GRID, coordinatesOf(GRID, rank))).toBe(rank);
    }
  });

  it("count on from the end in a ring", () => {
    expect(rankAt(GRID, [1, 4])).toBe(4);
    expect(rankAt(GRID, [1, -1])).toBe(7);
    expect(rankAt(GRID, [2, -9])).toBe(11);
  });

  it.each([[[3, 0]], [[-1, 0]], [[0]], [[0, 0, 0]], [[0, 0.5]], [[0.5, 0]]])(
    "%j are refused",
    (coordinates) => {
      expect(() => rankAt(GRID, coordinates)).toThrow(ArgumentError);
    },
  );

  it.each([-1, 12, 0.5])("of rank %p there are none", (rank) => {
    expect(() => coordinatesOf(GRID, rank)).toThrow(RankError);
  });
});

describe("shift", () => {
  it.each([-5, -2, -1, 0, 1, 2, 3])(
    "by %i steps stops at walls and goes round in rings",
    (displacement) => {
      const row = (rank: number, steps: number): number => {
        const moved = rowOf(rank) + steps;
        return moved < 0 || moved > 2 ? PROC_NULL : rank + 4 * steps;
      };
      const column = (rank: number, steps: number): number =>
        4 * rowOf(rank) + ((columnOf(rank) + steps + 40) % 4);
      for (const rank of RANKS) {
        expect(shift(GRID, rank, { direction: 0, displacement })).toEqual([
          row(rank, -displacement),
          row(rank, displacement),
        ]);
        expect(shift(GRID, rank, { direction: 1, displacement })).toEqual([
          column(rank, -displacement),
          column(rank, displacement),
        ]);
      }
    },
  );

  it.each([-1, 2, 0.5])("along direction %p is refused", (direction) => {
    expect(() => shift(GRID, 0, { direction, displacement: 1 })).toThrow(
      DimensionsError,
    );
  });

  it("by half a step is refused", () => {
    expect(() => shift(GRID, 0, { direction: 0, displacement: 0.5 })).toThrow(
      ArgumentError,
    );
  });
});

test("neighbours are in each dimension the one below, then the one above", () => {
  expect(gridNeighbours(GRID, 0)).toEqual([PROC_NULL, 4, 3, 1]);
  expect(gridNeighbours(GRID, 6)).toEqual([2, 10, 5, 7]);
  expect(gridNeighbours(GRID, 11)).toEqual([7, PROC_NULL, 10, 8]);
  expect(gridNeighbours({ dims: [1], periods: [true] }, 0)).toEqual([0, 0]);
});

describe("subGrid", () => {
  it("keeps the dimensions that remain, one colour for each place in the others", () => {
    for (const rank of RANKS) {
      expect(subGrid(GRID, rank, [false, true])).toEqual({
        grid: { dims: [4], periods: [true] },
        color: rowOf(rank),
        key: columnOf(rank),
      });
      expect(subGrid(GRID, rank, [1, 0])).toEqual({
        grid: { dims: [3], periods: [false] },
        color: columnOf(rank),
        key: rowOf(rank),
      });
      expect(subGrid(GRID, rank, [true, true])).toEqual({
        grid: GRID,
        color: 0,
        key: rank,
      });
      expect(subGrid(GRID, rank, [false, false])).toEqual({
        grid: { dims: [], periods: [] },
        color: rank,
        key: 0,
      });
    }
  });

  it("refuses another number of dimensions", () => {
    expect(() => subGrid(GRID, 0, [true])).toThrow(ArgumentError);
  });
});

test("a grid of the first ranks has no place for those behind", () => {
  expect(RANKS.map((rank) => mapToGrid(GRID, rank))).toEqual(RANKS);
  expect(mapToGrid(GRID, 12)).toBe(UNDEFINED);
});
