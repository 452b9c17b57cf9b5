/**
 * An op that is associative and not commutative, and works element by element: affine maps x → m·x + c of the integers modulo 31,
 * one after the other, packed as 32·m + c. Exact in every dtype from int16 on.
 */
const MODULUS = 31;

const pack = (m: number, c: number): number =>
  32 * (m % MODULUS) + (c % MODULUS);

/** The map that a rank contributes in a place. No two neighbours commute. */
export const affineOf = (rank: number, index: number): number =>
  pack(3 * rank + index + 2, 5 * rank + 2 * index + 1);

/** First `lower`, then `higher`. */
export function compose(lower: number, higher: number): number {
  const [m, c] = [Math.floor(lower / 32), lower % 32];
  const [n, d] = [Math.floor(higher / 32), higher % 32];
  return pack(m * n, n * c + d);
}

/** What ranks 0 to `ranks` − 1 make together. */
export const affineOver = (ranks: number, index: number): number =>
  Array.from({ length: ranks }, (_, rank) => affineOf(rank, index)).reduce(
    compose,
  );
