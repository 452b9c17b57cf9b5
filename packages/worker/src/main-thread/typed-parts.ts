import {
  ArgumentError,
  bytesOf,
  CountError,
  dtypeOf,
  type TypedArray,
} from "@tsmpi/protocol";
import type { Parts } from "./buffer-spec";
import { type DatatypeArgument, readDatatype } from "./datatype";

/** A buffer with a datatype for each rank; displacements are in bytes. Without counts each rank has one element, from place 0. */
export type TypedPartsSpec =
  | readonly [TypedArray, readonly DatatypeArgument[]]
  | readonly [
      TypedArray,
      readonly [counts: readonly number[], places: readonly number[]],
      readonly DatatypeArgument[],
    ]
  | readonly [
      TypedArray,
      readonly number[],
      readonly number[],
      readonly DatatypeArgument[],
    ]
  | null;

/** The parts as bytes. */
export function readTypedParts(
  spec: unknown,
  ranks: number,
  name: string,
): Parts {
  if (!Array.isArray(spec) || spec.length < 2 || spec.length > 4)
    throw new ArgumentError(`${name}: expecting 2 to 4 items`);
  const items = spec as readonly unknown[];
  const [buffer] = items;
  if (dtypeOf(buffer) === null)
    throw new ArgumentError(`${name} must begin with a typed array`);
  const [counts, places] =
    items.length === 2
      ? [Array(ranks).fill(1), Array(ranks).fill(0)]
      : items.length === 3
        ? (items[1] as readonly (readonly number[])[])
        : (items.slice(1, 3) as (readonly number[])[]);
  const types = items.at(-1) as readonly DatatypeArgument[];
  for (const list of [counts, places, types])
    if (list?.length !== ranks)
      throw new CountError(
        `${name}: expecting ${ranks} counts, displacements and datatypes`,
      );
  const array = bytesOf(buffer as TypedArray);
  const lengths = types.map(
    (type, rank) => Number(counts[rank]) * readDatatype(type).size,
  );
  lengths.forEach((length, rank) => {
    if (length > 0 && Number(places[rank]) + length > array.byteLength)
      throw new CountError(`the part of rank ${rank} is not within ${name}`);
  });
  return { array, dtype: "uint8", counts: lengths, places: places };
}
