import type { Kind, NumberArray } from "../arrays.mts";

export const range = (length: number): number[] =>
  Array.from({ length }, (_, index) => index);

export const repeat = <T,>(value: T, length: number): T[] =>
  Array.from({ length }, () => value);

export const total = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0);

/** An array of these numbers. */
export const of = (kind: Kind, numbers: readonly number[]): NumberArray =>
  kind.from(numbers.length, (index) => numbers[index]!);

/**
 * int32 meets every one of `numbers`, each other kind `each` of them, and neighbouring kinds different ones. So every kind is met, and
 * every number, but not every pair of them: the suite runs on every communicator, in every size.
 */
export function spread(
  kinds: readonly Kind[],
  numbers: readonly number[],
  each = 1,
): [Kind, number][] {
  return kinds.flatMap((kind, at) => {
    const met =
      kind.name === "int32"
        ? numbers
        : range(each).map((k) => numbers[(at + k) % numbers.length]!);
    return [...new Set(met)].map((number): [Kind, number] => [kind, number]);
  });
}

/** A third of them, for cases that do once more what others have done with all. */
export const some = <T,>(list: readonly T[]): T[] =>
  list.filter((_, index) => index % 3 === 0);
