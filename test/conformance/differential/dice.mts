import { random } from "../support/random.mts";

/** What a sequence is thrown with: the same for the same seed, so every rank throws the same. */
export interface Dice {
  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  shuffled<T>(list: readonly T[]): T[];
  /** For what is thrown later, or elsewhere. */
  seed(): number;
}

export function dice(seed: number): Dice {
  const next = random(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)]!,
    shuffled(list) {
      const result = [...list];
      for (let i = result.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [result[i], result[j]] = [result[j]!, result[i]!];
      }
      return result;
    },
    seed: () => below(2 ** 31),
  };
}

/** A number below 2^32 for this seed and place: what a rank contributes, known to every rank without throwing all others first. */
export function noise(seed: number, ...place: readonly number[]): number {
  let mixed = seed | 0;
  for (const at of place) {
    mixed = Math.imul(mixed ^ at, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return mixed >>> 0;
}
