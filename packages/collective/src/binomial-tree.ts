/** A rank's place in a binomial tree over `size` ranks with `root` at the top. */
export interface TreePlace {
  /** Null for the root. */
  readonly parent: number | null;
  /** Largest subtree first: the order in which a broadcast serves them. */
  readonly children: readonly number[];
}

/**
 * Counted from the root, rank v's parent is v without its lowest set bit; its children add a bit below that one.
 *
 *     p = 8    0 ── 4 ── 6 ── 7
 *              │    └─ 5
 *              ├─ 2 ── 3
 *              └─ 1
 */
export function placeInTree(
  rank: number,
  size: number,
  root: number,
): TreePlace {
  const virtual = (rank - root + size) % size;
  const actual = (v: number): number => (v + root) % size;
  const lowestBit =
    virtual === 0 ? 2 ** Math.ceil(Math.log2(size)) : virtual & -virtual;
  const children: number[] = [];
  for (let bit = lowestBit / 2; bit >= 1; bit /= 2)
    if (virtual + bit < size) children.push(actual(virtual + bit));
  return {
    parent: virtual === 0 ? null : actual(virtual - lowestBit),
    children,
  };
}

/** The ranks of the subtree below and with `rank`: itself first, then as they are numbered from the root. */
export function subtreeOf(rank: number, size: number, root: number): number[] {
  const virtual = (rank - root + size) % size;
  const length =
    virtual === 0 ? size : Math.min(virtual & -virtual, size - virtual);
  return Array.from({ length }, (_, i) => (rank + i) % size);
}

/** Rounds until everybody is reached, if each rank that is reached passes one message on in each. No path has more edges. */
export const treeRounds = (size: number): number => Math.ceil(Math.log2(size));
