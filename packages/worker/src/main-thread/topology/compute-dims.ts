import { ArgumentError, DimensionsError } from "@tsmpi/protocol";
import { isNatural, productOf } from "./checks";

/**
 * A grid for `nnodes` ranks whose dimensions are as close to each other as can be, the larger first: MPI_Dims_create. Of all such
 * grids it has the smallest largest dimension, then the smallest second largest, and so on.
 *
 * @param dims their number, or a list in which those that are not 0 stay as they are
 * @throws {ArgumentError} `nnodes` is no positive number
 * @throws {DimensionsError} a dimension is negative, or those that are given do not divide `nnodes`
 */
export function computeDims(
  nnodes: number,
  dims: number | readonly number[],
): number[] {
  const given = typeof dims === "number" ? zeros(dims) : dims;
  if (!isNatural(nnodes) || nnodes === 0)
    throw new ArgumentError(`nnodes ${nnodes} is no positive number`);
  if (!given.every(isNatural))
    throw new DimensionsError(
      `dims [${given.join(", ")}] must not be negative`,
    );
  const open = given.filter((dimension) => dimension === 0).length;
  const fixed = productOf(given.filter((dimension) => dimension !== 0));
  if (given.length === 0) return [];
  if (nnodes % fixed !== 0 || (open === 0 && nnodes !== fixed))
    throw new DimensionsError(
      `${nnodes} ranks cannot be laid out in dims [${given.join(", ")}]`,
    );
  const chosen = balanced(nnodes / fixed, open, Infinity)!;
  return given.map((dimension) => dimension || chosen.shift()!);
}

function zeros(length: number): readonly number[] {
  if (!isNatural(length))
    throw new DimensionsError(`there cannot be ${length} dimensions`);
  return Array.from({ length }, () => 0);
}

/** `n` as a product of `count` factors, none above `limit`, in falling order; null if there is none. */
function balanced(n: number, count: number, limit: number): number[] | null {
  if (count === 0) return n === 1 ? [] : null;
  for (const largest of divisorsOf(n)) {
    if (largest > limit) break;
    // The others are not larger.
    if (largest ** count < n) continue;
    const others = balanced(n / largest, count - 1, largest);
    if (others) return [largest, ...others];
  }
  return null;
}

/** In rising order. */
function divisorsOf(n: number): number[] {
  const small = [];
  for (let divisor = 1; divisor * divisor <= n; divisor++)
    if (n % divisor === 0) small.push(divisor);
  const large = small.map((divisor) => n / divisor).reverse();
  return large[0] === small.at(-1)
    ? [...small, ...large.slice(1)]
    : [...small, ...large];
}
