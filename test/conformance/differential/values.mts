import { type Dice, dice, noise } from "./dice.mts";

const SIMPLE: readonly ((dice: Dice) => unknown)[] = [
  () => null,
  () => undefined,
  (dice) => dice.chance(0.5),
  (dice) => dice.below(2 ** 31) - 2 ** 30,
  (dice) => dice.below(1_000) / 7,
  (dice) => BigInt(dice.below(2 ** 31)) ** 2n,
  (dice) => "é".repeat(dice.below(40)),
  (dice) => `text ${dice.below(1_000)}`,
  (dice) => new Date(dice.below(2 ** 31)),
  (dice) => Float32Array.from({ length: dice.below(20) }, () => dice.below(9)),
  (dice) => BigInt64Array.of(BigInt(dice.below(99))),
  (dice) => new Uint8Array(dice.below(2_000)),
];

/** Any value that can be sent, the same for the same seed and rank. */
export const valueOf = (seed: number, rank: number): unknown =>
  anyValue(dice(noise(seed, rank)), 0);

function anyValue(dice: Dice, depth: number): unknown {
  if (depth > 2 || dice.chance(0.6)) return dice.pick(SIMPLE)(dice);
  const items = Array.from({ length: dice.below(5) }, () =>
    anyValue(dice, depth + 1),
  );
  switch (dice.below(4)) {
    case 0:
      return items;
    case 1:
      return new Map(items.map((item, key) => [key, item]));
    case 2:
      return new Set(items.map((item, index) => [index, item]));
    default:
      return Object.fromEntries(items.map((item, key) => [`k${key}`, item]));
  }
}
