import type { TypedArray } from "@tsmpi/protocol";

interface Whole {
  readonly min: bigint;
  readonly max: bigint;
  readonly array: new (values: ArrayLike<number> | number) => TypedArray;
}

const INT32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n, array: Int32Array };
const UINT32 = { min: 0n, max: 2n ** 32n - 1n, array: Uint32Array };

/** Whole numbers of 32 bits, by the names that a `.proto` has for them. */
export const WHOLE_32: ReadonlyMap<string, Whole> = new Map(
  Object.entries({
    ...{ int32: INT32, sint32: INT32, sfixed32: INT32 },
    ...{ uint32: UINT32, fixed32: UINT32 },
  }),
);

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n, array: BigInt64Array };
const UINT64 = { min: 0n, max: 2n ** 64n - 1n, array: BigUint64Array };

/** Those of 64 bits. */
export const WHOLE_64 = new Map(
  Object.entries({
    ...{ int64: INT64, sint64: INT64, sfixed64: INT64 },
    ...{ uint64: UINT64, fixed64: UINT64 },
  }),
);

export const FLOATS = new Map(
  Object.entries({ float: Float32Array, double: Float64Array }),
);

/** Halves of a number of 64 bits, as protobufjs has them. */
export interface Halves {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

const UPPER = 2 ** 32;

export const bigintOf = ({ low, high, unsigned }: Halves): bigint =>
  (BigInt(unsigned ? high >>> 0 : high) << 32n) | BigInt(low >>> 0);

/** A number where it holds each digit, else a bigint. */
export function integerOf(halves: Halves): number | bigint {
  const { low, high, unsigned } = halves;
  const value = (unsigned ? high >>> 0 : high) * UPPER + (low >>> 0);
  return Number.isSafeInteger(value) ? value : bigintOf(halves);
}

export function halvesOf(value: bigint, unsigned: boolean): Halves {
  return {
    low: Number(BigInt.asIntN(32, value)),
    high: Number(BigInt.asIntN(32, value >> 32n)),
    unsigned,
  };
}
