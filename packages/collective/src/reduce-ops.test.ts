import {
  type Dtype,
  DTYPES,
  dtypeCode,
  OpError,
  type TypedArray,
  UnknownNameError,
  viewAs,
} from "@tsmpi/protocol";
import {
  combineValues,
  kernelFor,
  REDUCE_OPS,
  reduceOpCode,
  type ReduceOp,
  reduceOpFromCode,
} from "./reduce-ops";

/** What MPI says, for integers of any size: the result is then cut to the bits of the dtype, as in C. */
const DEFINITION: Readonly<Record<ReduceOp, (a: bigint, b: bigint) => bigint>> =
  {
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
  };
const FOR_FLOATS: readonly ReduceOp[] = ["SUM", "PROD", "MIN", "MAX"];

const isFloat = (dtype: Dtype): boolean => dtype.startsWith("float");
const isUnsigned = (dtype: Dtype): boolean => dtype.includes("uint");
const emptyOf = (dtype: Dtype, length: number): TypedArray =>
  viewAs(dtype, new ArrayBuffer(length * 8), 0, length);
const bitsOf = (dtype: Dtype): number =>
  emptyOf(dtype, 0).BYTES_PER_ELEMENT * 8;
const cut = (dtype: Dtype, value: bigint): bigint =>
  isFloat(dtype)
    ? value
    : isUnsigned(dtype)
      ? BigInt.asUintN(bitsOf(dtype), value)
      : BigInt.asIntN(bitsOf(dtype), value);

/** Zero, one, the extremes and something between; for floats whole numbers whose results are exact. */
function samplesOf(dtype: Dtype): bigint[] {
  if (isFloat(dtype)) return [0n, 1n, -1n, 3n, -7n, 2047n];
  const bits = BigInt(bitsOf(dtype));
  const max = isUnsigned(dtype) ? 2n ** bits - 1n : 2n ** (bits - 1n) - 1n;
  const min = isUnsigned(dtype) ? 0n : -max - 1n;
  return [0n, 1n, 5n, max, max - 2n, min, min + 3n, max / 3n];
}

function arrayOf(dtype: Dtype, values: readonly bigint[]): TypedArray {
  const array = emptyOf(dtype, values.length);
  values.forEach(
    (value, i) =>
      (array[i] = (dtype.startsWith("big") ? value : Number(value)) as never),
  );
  return array;
}

const pairs = DTYPES.flatMap((dtype) =>
  REDUCE_OPS.map((op) => [op, dtype] as const),
);
const isDefined = ([op, dtype]: (typeof pairs)[number]): boolean =>
  !isFloat(dtype) || FOR_FLOATS.includes(op);

describe("kernelFor", () => {
  it.each(pairs.filter(isDefined))(
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
      expect([...intoA].map(BigInt)).toEqual(expected);
      kernel(b, a, b);
      expect([...b].map(BigInt)).toEqual(expected);
    },
  );

  it.each(pairs.filter((pair) => !isDefined(pair)))(
    "%s %s is not defined",
    (op, dtype) => {
      expect(() => kernelFor(op, dtype)).toThrow(OpError);
      expect(() => kernelFor(op, dtype)).toThrow(
        `${op} is not defined for ${dtype}; it takes integers`,
      );
    },
  );

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
});

describe("combineValues", () => {
  it.each(REDUCE_OPS)(
    "%s on numbers and bigints gives what MPI defines",
    (op) => {
      for (const [a, b] of [
        [0, 0],
        [0, 3],
        [6, 3],
        [-5, 2],
      ] as const) {
        const expected = DEFINITION[op](BigInt(a), BigInt(b));
        expect(combineValues(op, a, b)).toBe(Number(expected));
        expect(combineValues(op, BigInt(a), BigInt(b))).toBe(expected);
      }
    },
  );

  it("joins strings and lists under SUM, the lower rank's first", () => {
    expect(combineValues("SUM", "a", "b")).toBe("ab");
    expect(combineValues("SUM", [1], [2, 3])).toEqual([1, 2, 3]);
  });

  it("gives a boolean for logical ops on booleans", () => {
    expect(combineValues("LAND", true, false)).toBe(false);
    expect(combineValues("LOR", true, false)).toBe(true);
    expect(combineValues("SUM", true, true)).toBe(2);
  });

  it.each([
    [{}, {}],
    ["a", 1],
    [1, 1n],
    [null, 1],
    [new Float32Array(1), new Float32Array(1)],
  ])("refuses %p and %p", (lower, higher) => {
    expect(() => combineValues("SUM", lower, higher)).toThrow(OpError);
  });
});

describe("codes on the wire", () => {
  it("are one each, never 0, and fit a byte", () => {
    for (const codes of [REDUCE_OPS.map(reduceOpCode), DTYPES.map(dtypeCode)]) {
      expect(new Set(codes).size).toBe(codes.length);
      for (const code of codes) expect(code).toBeGreaterThan(0);
      for (const code of codes) expect(code).toBeLessThan(256);
    }
    for (const op of REDUCE_OPS)
      expect(reduceOpFromCode(reduceOpCode(op))).toBe(op);
    expect(reduceOpFromCode(0)).toBeNull();
  });
});
