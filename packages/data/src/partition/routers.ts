import { ArgumentError } from "@tsmpi/protocol";
import { mixed } from "../mixed";
import { sharesOf } from "./block-partition";

/**
 * The rank of each record of a stream, in its order, without a look at those to come.
 *
 * @typeParam Key what of a record decides; nothing where its place in the stream does
 */
export type Router<Key = void> = (key: Key) => number;

/** Values by which records can be dealt out. */
export type Key = string | number | bigint | boolean;

/**
 * One rank after the other, `blockRows` records at a time. After any number of records, no rank has had more than `blockRows` more
 * than another.
 */
export function cyclicRouter(size: number, blockRows = 1): Router {
  checkSize(size);
  if (!(Number.isSafeInteger(blockRows) && blockRows > 0))
    throw new ArgumentError(
      `cyclicRouter: blockRows is ${blockRows}, and must be a whole number of at least 1`,
    );
  let next = 0;
  return () => Math.floor(next++ / blockRows) % size;
}

/**
 * Records in proportion to the ranks' weights, their speeds for instance: after any number of records, no rank is a whole record
 * from its share.
 *
 * Source: Tijdeman, The chairman assignment problem, Discrete Mathematics 32(3), 1980. doi:10.1016/0012-365X(80)90269-1
 */
export function weightedRouter(weights: readonly number[]): Router {
  const size = weights.length;
  const shares = sharesOf(size, weights);
  const counts = new Float64Array(size);
  const margin = size === 1 ? 0 : 1 / (2 * size - 2);
  let records = 0;
  return () => {
    records++;
    // Of those that are due for a record the one that must have it first.
    let [chosen, soonest] = [-1, Infinity];
    for (let rank = 0; rank < size; rank++) {
      const due = shares[rank]! * records - counts[rank]!;
      if (shares[rank] === 0 || due < margin - 1e-9) continue;
      const deadline = (1 - margin - due) / shares[rank]!;
      if (deadline < soonest) [chosen, soonest] = [rank, deadline];
    }
    counts[chosen]!++;
    return chosen;
  };
}

/** Equal keys go to one rank, which depends on nothing but the key and the number of ranks; different ones are spread evenly. */
export function hashRouter(size: number): Router<Key> {
  checkSize(size);
  return (key) => hashOf(String(key)) % size;
}

/**
 * Keys in order: those below `bounds[0]` to rank 0, from there to below `bounds[1]` to rank 1, and so on.
 *
 * @param bounds ascending, one less than there are ranks; `rangeBounds` finds some
 */
export function rangeRouter<K extends string | number>(
  bounds: readonly K[],
): Router<K extends string ? string : number> {
  if (bounds.some((bound, i) => i > 0 && bound < bounds[i - 1]!))
    throw new ArgumentError(
      `rangeRouter: bounds must ascend; these are [${bounds.join(", ")}]`,
    );
  return (key) => {
    let [low, high] = [0, bounds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bounds[middle]! <= key) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** Bounds between which about as many of these keys lie, for `size` ranks: all keys, or a sample of them. */
export function rangeBounds<K extends string | number>(
  keys: readonly K[],
  size: number,
): K[] {
  checkSize(size);
  if (keys.length === 0)
    throw new ArgumentError("rangeBounds needs a key at least");
  const sorted = [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return Array.from(
    { length: size - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / size)]!,
  );
}

/**
 * Of each label one record after the other to one rank after the other: no rank has had more than one more of any label than another
 * rank. Labels begin at different ranks, so that rare ones do not all go to the first.
 */
export function stratifiedRouter(size: number): Router<Key> {
  checkSize(size);
  const next = new Map<Key, number>();
  return (label) => {
    const rank = next.get(label) ?? next.size % size;
    next.set(label, (rank + 1) % size);
    return rank;
  };
}

/** FNV-1a over the code units, well mixed. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++)
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return mixed(hash);
}

function checkSize(size: number): void {
  if (!(Number.isSafeInteger(size) && size > 0))
    throw new ArgumentError(
      `records are dealt to ${size} ranks, and that must be a whole number of at least 1`,
    );
}
