const powerBelow = (size: number): number => 2 ** Math.floor(Math.log2(size));

/** Rounds in which p ranks, folded onto a power of two, all exchange with each other; two more where p is none itself. */
export const foldedSteps = (size: number): number =>
  Math.log2(powerBelow(size)) + (powerBelow(size) === size ? 0 : 2);

export interface FoldedRanks {
  /** A power of two: how many ranks are active. */
  readonly power: number;
  /** This rank's number among the active ones; null for one that its neighbour, `rank + 1`, acts for. */
  readonly active: number | null;
  /** The rank that this rank acts for besides itself. */
  readonly ward: number | null;
  /** Which rank an active one is. */
  readonly rankOf: (active: number) => number;
  /** The first rank that an active one acts for; those of the next active one follow its last. `firstOf(power)` is p. */
  readonly firstOf: (active: number) => number;
}

/**
 * Folds p ranks onto a power of two, neighbours onto neighbours: of the first 2(p − 2^k) ranks the odd ones act for both.
 *
 *     p = 6    ranks    0 1    2 3    4    5
 *              active     0      1    2    3
 */
export function foldRanks(rank: number, size: number): FoldedRanks {
  const power = powerBelow(size);
  const extra = size - power;
  const isPaired = rank < 2 * extra;
  return {
    power,
    active: !isPaired ? rank - extra : rank % 2 === 1 ? (rank - 1) / 2 : null,
    ward: isPaired && rank % 2 === 1 ? rank - 1 : null,
    rankOf: (active) => (active < extra ? 2 * active + 1 : active + extra),
    firstOf: (active) => (active < extra ? 2 * active : active + extra),
  };
}

/** With whom an active rank exchanges, nearest first: the one whose number differs in bit 0, 1, … */
export function partnersOf(active: number, power: number): number[] {
  const partners: number[] = [];
  for (let bit = 1; bit < power; bit *= 2) partners.push(active ^ bit);
  return partners;
}
