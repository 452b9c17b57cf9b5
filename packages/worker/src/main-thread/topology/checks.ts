import { ArgumentError, RankError } from "@tsmpi/protocol";

/** @throws {ArgumentError} `list` has another length */
export function assertLength(
  list: readonly unknown[],
  length: number,
  name: string,
): void {
  if (list.length !== length)
    throw new ArgumentError(
      `${name}: expecting ${length} items, got ${list.length}`,
    );
}

/** @throws {RankError} not from 0 to `size` − 1 */
export function assertRank(rank: number, size: number, name: string): void {
  if (!Number.isInteger(rank) || rank < 0 || rank >= size)
    throw new RankError(`${name} ${rank} is not a rank from 0 to ${size - 1}`);
}

export const isNatural = (value: number): boolean =>
  Number.isSafeInteger(value) && value >= 0;

export const productOf = (numbers: readonly number[]): number =>
  numbers.reduce((product, number) => product * number, 1);
