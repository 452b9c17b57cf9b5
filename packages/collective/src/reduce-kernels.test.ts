import {
  bfloat16FromNumber,
  bfloat16ToNumber,
  bytesPerElement,
  CountError,
  type Dtype,
  DTYPES,
  float16FromNumber,
  float16ToNumber,
  OpError,
  type TypedArray,
  UnknownNameError,
  viewAs,
} from "@tsmpi/protocol";
import { averageOver, kernelFor } from "./reduce-kernels";
import { REDUCE_OPS, type ReduceOp } from "./reduce-ops";

type Located = "MINLOC" | "MAXLOC";

/** What MPI says, for integers of any size: the result is then cut to the bits of the dtype, as in C. */
const DEFINITION: Readonly<
  Record<Exclude<ReduceOp, Located>, (a: bigint, b: bigint) => bigint>
> = {
  SUM: (a, b) => a + b,
  PROD: (a, b) => a * b,
  MIN: (a, b) => (a < b ? a : b),
  MAX: (a, b) => (a > b ? a : b),
  LAND: (a, b) => BigInt(a !== 0n && b !== 0n),
  LOR: (a, b) => BigInt(a !== 0n || b !== 0n),
  LXOR: (a, b) => BigInt((a !== 0n) !== (b !== 0n)),
  BAND: (a, b) => a & b,
  BOR: (a, b) => a | b,
  BXOR: (a, b) => a ^ b,
  REPLACE: (_, b) => b,
  NO_OP: (a) => a,
  AVG: (a, b) => a + b,
};
const OPS = Object.keys(DEFINITION) as (keyof typeof DEFINITION)[];
const LOCATED: readonly Located[] = ["MINLOC", "MAXLOC"];
const FOR_INTEGERS_ONLY = ["LAND", "LOR", "LXOR", "BAND", "BOR", "BXOR"];

const FLOATS: readonly Dtype[] = ["float16", "bfloat16", "float32", "float64"];
const isFloat = (dtype: Dtype): boolean => FLOATS.includes(dtype);
const isUnsigned = (dtype: Dtype): boolean => dtype.includes("uint");

const HALVES: Partial<
  Record<Dtype, readonly [from: (n: number) => number, to: typeof Number]>
> = {
  float16: [float16FromNumber, float16ToNumber as typeof Number],
  bfloat16: [bfloat16FromNumber, bfloat16ToNumber as typeof Number],
};

const emptyOf = (dtype: Dtype, length: number): TypedArray =>
  viewAs(dtype, new ArrayBuffer(length * 8), 0, length);
const bitsOf = (dtype: Dtype): number => bytesPerElement(dtype) * 8;
const cut = (dtype: Dtype, value: bigint): bigint =>
  isFloat(dtype)
    ? value
    : isUnsigned(dtype)
      ? BigInt.asUintN(bitsOf(dtype), value)
      : BigInt.asIntN(bitsOf(dtype), value);

/** Zero, one, the extremes and something between; for floats whole numbers whose results are exact. */
function samplesOf(dtype: Dtype): bigint[] {
  if (isFloat(dtype)) return [0n, 1n, -1n, 3n, -7n, 160n];
  const bits = BigInt(bitsOf(dtype));
  const max = isUnsigned(dtype) ? 2n ** bits - 1n : 2n ** (bits - 1n) - 1n;
  const min = isUnsigned(dtype) ? 0n : -max - 1n;
  return [0n, 1n, 5n, max, max - 2n, min, min + 3n, max / 3n];
}

function arrayOf(
  dtype: Dtype,
  values: readonly (bigint | number)[],
): TypedArray {
  const array = emptyOf(dtype, values.length);
  const [from = Number] = HALVES[dtype] ?? [];
  values.forEach(
    (value, i) =>
      (array[i] = (
        dtype.startsWith("big") ? value : from(Number(value))
      ) as never),
  );
  return array;
}

const valuesOf = (dtype: Dtype, array: TypedArray): number[] =>
  Array.from(array as Float64Array, HALVES[dtype]?.[1] ?? ((value) => value));
const bigValuesOf = (dtype: Dtype, array: TypedArray): bigint[] =>
  valuesOf(dtype, array).map(BigInt);

const pairs = DTYPES.flatMap((dtype) =>
  REDUCE_OPS.map((op) => [op, dtype] as const),
);
const isDefined = ([op, dtype]: (typeof pairs)[number]): boolean =>
  isFloat(dtype) ? !FOR_INTEGERS_ONLY.includes(op) : op !== "AVG";

describe("kernelFor", () => {
  it.each(
    DTYPES.flatMap((dtype) => OPS.map((op) => [op, dtype] as const)).filter(
      isDefined,
    ),
  )(
    "%s %s gives what MPI defines, whichever of its inputs is the target",
    (op, dtype) => {
      const samples = samplesOf(dtype);
      const lower = samples.flatMap((a) => samples.map(() => a));
      const higher = samples.flatMap(() => samples);
      const expected = lower.map((a, i) =>
        cut(dtype, DEFINITION[op](a, higher[i]!)),
      );
      const a = arrayOf(dtype, lower);
      const b = arrayOf(dtype, higher);
      const kernel = kernelFor(op, dtype);
      const intoA = arrayOf(dtype, lower);
      kernel(intoA, intoA, b);
      expect(bigValuesOf(dtype, intoA)).toEqual(expected);
      kernel(b, a, b);
      expect(bigValuesOf(dtype, b)).toEqual(expected);
    },
  );

  it.each(DTYPES.flatMap((dtype) => LOCATED.map((op) => [op, dtype] as const)))(
    "%s %s gives the pair with the extreme value, of equal ones the lower index, whichever input is the target",
    (op, dtype) => {
      const items = samplesOf(dtype).flatMap((value) =>
        [0n, 1n, 7n].map((index) => [value, index] as const),
      );
      const lower = items.flatMap((a) => items.map(() => a));
      const higher = items.flatMap(() => items);
      const sign = op === "MINLOC" ? 1n : -1n;
      const expected = lower.map(
        (a, i) =>
          [a, higher[i]!].sort(
            ([u, j], [v, k]) => Number(sign * (u - v)) || Number(j - k),
          )[0]!,
      );
      const a = arrayOf(dtype, lower.flat());
      const b = arrayOf(dtype, higher.flat());
      const kernel = kernelFor(op, dtype);
      const intoA = a.slice();
      kernel(intoA, intoA, b);
      expect(bigValuesOf(dtype, intoA)).toEqual(expected.flat());
      kernel(b, a, b);
      expect(bigValuesOf(dtype, b)).toEqual(expected.flat());
    },
  );

  it.each(pairs.filter((pair) => !isDefined(pair)))(
    "%s %s is not defined",
    (op, dtype) => {
      expect(() => kernelFor(op, dtype)).toThrow(OpError);
      expect(() => kernelFor(op, dtype)).toThrow(
        `${op} is not defined for ${dtype}; it takes ${op === "AVG" ? "floats" : "integers"}`,
      );
    },
  );

  it.each(pairs.filter(isDefined))("%s %s takes no elements", (op, dtype) => {
    const none = emptyOf(dtype, 0);
    kernelFor(op, dtype)(none, none, none);
    expect(none).toHaveLength(0);
  });

  it.each(LOCATED)("%s refuses an odd number of elements", (op) => {
    const three = new Float32Array(3);
    expect(() => kernelFor(op, "float32")(three, three, three)).toThrow(
      CountError,
    );
  });

  it("refuses an op that is not registered and lists those that are", () => {
    expect(() => kernelFor("AVERAGE" as ReduceOp, "float32")).toThrow(
      UnknownNameError,
    );
    expect(() => kernelFor("AVERAGE" as ReduceOp, "float32")).toThrow(
      REDUCE_OPS.join(", "),
    );
  });

  it.each(["MIN", "MAX"] as const)(
    "%s lets a NaN through, from either side",
    (op) => {
      const lower = new Float64Array([NaN, 1, NaN]);
      kernelFor(op, "float64")(lower, lower, new Float64Array([1, NaN, NaN]));
      expect(lower).toEqual(new Float64Array([NaN, NaN, NaN]));
    },
  );

  it.each(LOCATED)(
    "%s lets a NaN through with its index, from either side, of two the lower index",
    (op) => {
      const lower = new Float64Array([NaN, 4, 1, 4, NaN, 4, NaN, 3]);
      const higher = new Float64Array([1, 3, NaN, 5, NaN, 3, NaN, 4]);
      kernelFor(op, "float64")(lower, lower, higher);
      expect(lower).toEqual(new Float64Array([NaN, 4, NaN, 5, NaN, 3, NaN, 3]));
    },
  );

  // Neighbours are 2 apart from 2048 in float16, and from 256 in bfloat16.
  it.each([
    ["float16", [2048, 2048, 65504], [1, 3, 16], [2048, 2052, Infinity]],
    ["bfloat16", [256, 256, 3e38], [1, 3, 1e38], [256, 260, Infinity]],
  ] as const)(
    "SUM %s of %j and %j rounds to nearest, ties to even: %j",
    (dtype, a, b, sums) => {
      const lower = arrayOf(dtype, a);
      kernelFor("SUM", dtype)(lower, lower, arrayOf(dtype, b));
      expect(valuesOf(dtype, lower)).toEqual(sums);
    },
  );
});

describe("averageOver", () => {
  it.each(FLOATS)("divides a sum of %s by the number of ranks", (dtype) => {
    const sum = arrayOf(dtype, [0, 3, -12, 96]);
    averageOver(3, sum, dtype);
    expect(valuesOf(dtype, sum)).toEqual([0, 1, -4, 32]);
  });

  it.each(DTYPES.filter((dtype) => !isFloat(dtype)))("refuses %s", (dtype) => {
    expect(() => averageOver(2, emptyOf(dtype, 1), dtype)).toThrow(
      `AVG is not defined for ${dtype}; it takes floats`,
    );
  });
});
