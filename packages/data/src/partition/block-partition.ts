import { ArgumentError, assert, type Block, lengthOf } from "@tsmpi/protocol";

/**
 * What happens with rows that do not divide by the number of ranks: ranks have different numbers of rows (their averages are to be
 * weighted by these), the last rows go to nobody, or some rows go to two ranks.
 */
export const REMAINDERS = ["uneven", "drop", "pad"] as const;
export type Remainder = (typeof REMAINDERS)[number];

export interface BlockPartitionOptions {
  /** Default `uneven`. */
  readonly remainder?: Remainder;
  /** A number for each rank, its speed for instance: rows in proportion. Default: as many for each. */
  readonly weights?: readonly number[];
}

/**
 * Cuts `rows` rows into consecutive blocks, one a rank, in rank order; columns, too: blocks of features.
 *
 * - `uneven`: a remainder is spread one row a rank, by how much of a row it is short of (with equal weights: lowest ranks first); with
 *   fewer rows than ranks the last ranks get none.
 * - `drop`: each rank has what its share is at least; up to `size − 1` rows go to nobody.
 * - `pad`: each rank has what its share is at most, and the last blocks begin in the ones before them.
 *
 * @throws {ArgumentError} a weight is negative, there are not as many as ranks, or all are 0
 */
export function blockPartition(
  rows: number,
  size: number,
  { remainder = "uneven", weights }: BlockPartitionOptions = {},
): Block[] {
  const counts = countsOf(rows, sharesOf(size, weights), remainder);
  let next = 0;
  return counts.map((count) => {
    const start = Math.min(next, rows - count);
    next = start + count;
    return { start, end: next };
  });
}

/** Scatterv's counts and displacements, in elements, for rows of `elementsPerRow`. */
export function scattervLayout(
  blocks: readonly Block[],
  elementsPerRow = 1,
): { readonly counts: number[]; readonly displacements: number[] } {
  return {
    counts: blocks.map((block) => lengthOf(block) * elementsPerRow),
    displacements: blocks.map(({ start }) => start * elementsPerRow),
  };
}

/**
 * Of each rank, between 0 and 1; their sum is 1.
 *
 * @throws {ArgumentError} they are no weights
 */
export function sharesOf(
  size: number,
  weights: readonly number[] = new Array<number>(size).fill(1),
): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (weights.length !== size || !(sum > 0 && sum < Infinity))
    throw new ArgumentError(
      `a partition among ${size} ranks needs ${size} weights of which at least one is not 0; these are [${weights.join(", ")}]`,
    );
  const wrong = weights.findIndex((weight) => !(weight >= 0));
  if (wrong >= 0)
    throw new ArgumentError(
      `the weight of rank ${wrong} is ${weights[wrong]}, and must be 0 or more`,
    );
  return weights.map((weight) => weight / sum);
}

function countsOf(
  rows: number,
  shares: readonly number[],
  remainder: Remainder,
): number[] {
  // What is whole but for rounding is whole.
  const exact = shares.map((share) => {
    const count = rows * share;
    return Math.abs(count - Math.round(count)) <= 4 * Number.EPSILON * rows
      ? Math.round(count)
      : count;
  });
  switch (remainder) {
    case "pad":
      return exact.map(Math.ceil);
    case "drop":
      return exact.map(Math.floor);
    case "uneven": {
      const counts = exact.map(Math.floor);
      const left = rows - counts.reduce((sum, count) => sum + count, 0);
      assert(left >= 0, `${-left} rows too many are dealt out`);
      const mostShort = [...exact.keys()].sort(
        (a, b) => exact[b]! - counts[b]! - (exact[a]! - counts[a]!) || a - b,
      );
      for (const rank of mostShort.slice(0, left)) counts[rank]!++;
      return counts;
    }
  }
}
