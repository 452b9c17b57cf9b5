import type { TypedArray } from "@tsmpi/protocol";
import { ownArray, type Place } from "./benchmark";
import type { Checked } from "./checked";
import { fillPattern } from "./contents";

/** A block for each seed, one behind the other. */
function blocks({ dtype, count }: Place, seeds: readonly number[]): TypedArray {
  const array = ownArray(dtype, count * seeds.length);
  seeds.forEach((seed, i) =>
    fillPattern(array.subarray(i * count, (i + 1) * count), seed),
  );
  return array;
}

export function input(place: Place, seeds: readonly number[]): Checked {
  const content = blocks(place, seeds);
  const buffer = place.allocate(content.length);
  return { buffer, before: content, after: content };
}

export function output(place: Place, seeds: readonly number[]): Checked {
  const after = blocks(place, seeds);
  return { buffer: place.allocate(after.length), before: null, after };
}

export const present = (list: readonly (Checked | null)[]): Checked[] =>
  list.filter((checked) => checked !== null);

export const ranksOf = ({ size }: Place): number[] =>
  Array.from({ length: size }, (_, rank) => rank);

export const BLOCKS_OF_ALL = {
  of: "block",
  busFactor: (ranks: number) => (ranks - 1) / ranks,
} as const;
export const BLOCKS_OF_ROOT = { of: "block", busFactor: () => 1 } as const;
