import { ArgumentError, DimensionsError } from "@tsmpi/protocol";
import { PROC_NULL, UNDEFINED } from "../constants";
import { assertLength, assertRank, isNatural, productOf } from "./checks";

/** A grid of ranks: rank 0 in the first corner, the last coordinate running fastest. */
export interface Grid {
  readonly dims: readonly number[];
  /** Whether a dimension is a ring. */
  readonly periods: readonly boolean[];
}

/** One for all dimensions, or one each; 0 and 1 will do. null: none is a ring. */
export type Periods = boolean | readonly (boolean | number)[] | null;

/**
 * The grid that these arguments of `Create_cart` ask for, on `size` ranks.
 *
 * @throws {DimensionsError} a dimension is not positive, or the grid is larger than `size`
 * @throws {ArgumentError} not one period for each dimension
 */
export function readGrid(
  dims: readonly number[],
  periods: Periods,
  size: number,
): Grid {
  if (!dims.every((dimension) => isNatural(dimension) && dimension > 0))
    throw new DimensionsError(`dims [${dims.join(", ")}] must be positive`);
  if (productOf(dims) > size)
    throw new DimensionsError(
      `a grid of ${dims.join(" × ")} is larger than the communicator's ${size} ranks`,
    );
  const each =
    periods === null || typeof periods === "boolean"
      ? dims.map(() => periods ?? false)
      : periods.map(Boolean);
  assertLength(each, dims.length, "periods");
  return { dims: [...dims], periods: each };
}

/** How many ranks there are in a grid; 1 in one without dimensions. */
export const sizeOfGrid = ({ dims }: Grid): number => productOf(dims);

/** The rank that this rank has in a grid that is made of the first ranks; UNDEFINED behind them. */
export const mapToGrid = (grid: Grid, rank: number): number =>
  rank < sizeOfGrid(grid) ? rank : UNDEFINED;

/** @throws {RankError} */
export function coordinatesOf(grid: Grid, rank: number): number[] {
  assertRank(rank, sizeOfGrid(grid), "rank");
  const coordinates = [];
  let rest = rank;
  for (const dimension of [...grid.dims].reverse()) {
    coordinates.unshift(rest % dimension);
    rest = Math.floor(rest / dimension);
  }
  return coordinates;
}

/**
 * The rank at these coordinates; in a ring they count on from the end.
 *
 * @throws {ArgumentError} not one coordinate for each dimension, or one outside a dimension that is no ring
 */
export function rankAt(grid: Grid, coordinates: readonly number[]): number {
  assertLength(coordinates, grid.dims.length, "coords");
  return coordinates.reduce((rank, coordinate, i) => {
    const inside = wrapped(grid, i, coordinate);
    if (inside === null || !Number.isInteger(coordinate))
      throw new ArgumentError(
        `coords [${coordinates.join(", ")}] are outside the grid of ${grid.dims.join(" × ")}`,
      );
    return rank * grid.dims[i]! + inside;
  }, 0);
}

/**
 * From whom and to whom data goes that moves `displacement` steps up along `direction`; PROC_NULL beyond a wall.
 *
 * @throws {DimensionsError} there is no such direction
 * @throws {ArgumentError} `displacement` is no whole number
 */
export function shift(
  grid: Grid,
  rank: number,
  {
    direction,
    displacement,
  }: { readonly direction: number; readonly displacement: number },
): [source: number, dest: number] {
  if (!isNatural(direction) || direction >= grid.dims.length)
    throw new DimensionsError(
      `direction ${direction} is not one of the grid's ${grid.dims.length} dimensions`,
    );
  if (!Number.isSafeInteger(displacement))
    throw new ArgumentError(`displacement ${displacement} is no whole number`);
  const coordinates = coordinatesOf(grid, rank);
  const at = (steps: number): number => {
    const moved = wrapped(grid, direction, coordinates[direction]! + steps);
    return moved === null
      ? PROC_NULL
      : rankAt(grid, coordinates.with(direction, moved));
  };
  return [at(-displacement), at(displacement)];
}

/** In each dimension the rank one below, then the one above; PROC_NULL beyond a wall. The order of neighbour collectives. */
export const gridNeighbours = (grid: Grid, rank: number): number[] =>
  grid.dims.flatMap((_, direction) =>
    shift(grid, rank, { direction, displacement: 1 }),
  );

/**
 * The grid of fewer dimensions that `rank` is in when the others are cut: the ranks of one `color` form it, in the order of `key`.
 *
 * @param remain whether a dimension stays
 * @throws {ArgumentError} not one item for each dimension
 */
export function subGrid(
  grid: Grid,
  rank: number,
  remain: readonly (boolean | number)[],
): { readonly grid: Grid; readonly color: number; readonly key: number } {
  assertLength(remain, grid.dims.length, "remain_dims");
  const coordinates = coordinatesOf(grid, rank);
  const part = (stays: boolean) => {
    const isPart = (_: unknown, i: number): boolean =>
      Boolean(remain[i]) === stays;
    const dims = grid.dims.filter(isPart);
    const periods = grid.periods.filter(isPart);
    return { grid: { dims, periods }, at: coordinates.filter(isPart) };
  };
  const [kept, cut] = [part(true), part(false)];
  return {
    grid: kept.grid,
    color: rankAt(cut.grid, cut.at),
    key: rankAt(kept.grid, kept.at),
  };
}

/** The coordinate, or where it comes to lie in a ring; null beyond a wall. */
function wrapped(
  { dims, periods }: Grid,
  direction: number,
  coordinate: number,
): number | null {
  const length = dims[direction]!;
  if (periods[direction]) return ((coordinate % length) + length) % length;
  return coordinate >= 0 && coordinate < length ? coordinate : null;
}
