/**
 * The reduce ops: one row each. `code` goes over the wire and never changes. What an op does to two elements is here, and becomes
 * a loop in reduce-kernels.ts; what it does to two values that are no numbers is in reduce-values.ts. `a` is the lower rank's.
 */
const TABLE = {
  SUM: {
    code: 1,
    takes: "numbers",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => a + b,
  },
  PROD: {
    code: 2,
    takes: "numbers",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => a * b,
    // The product of two 32-bit integers has more bits than a double, and its low ones are the result.
    int32: (a: number, b: number) => Math.imul(a, b),
  },
  MIN: {
    code: 3,
    takes: "numbers",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => (b < a || b !== b ? b : a),
  },
  MAX: {
    code: 4,
    takes: "numbers",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => (b > a || b !== b ? b : a),
  },
  LAND: {
    code: 5,
    takes: "integers",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => (a && b ? 1 : 0),
    bigint: (a: bigint, b: bigint) => (a && b ? 1n : 0n),
  },
  LOR: {
    code: 6,
    takes: "integers",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => (a || b ? 1 : 0),
    bigint: (a: bigint, b: bigint) => (a || b ? 1n : 0n),
  },
  LXOR: {
    code: 7,
    takes: "integers",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => (!a !== !b ? 1 : 0),
    bigint: (a: bigint, b: bigint) => (!a !== !b ? 1n : 0n),
  },
  BAND: {
    code: 8,
    takes: "integers",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => a & b,
  },
  BOR: {
    code: 9,
    takes: "integers",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => a | b,
  },
  BXOR: {
    code: 10,
    takes: "integers",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => a ^ b,
  },
  MINLOC: {
    code: 11,
    takes: "numbers",
    commutes: true,
    kind: "location",
    wins: (a: number, b: number) => a < b || (a !== a && b === b),
  },
  MAXLOC: {
    code: 12,
    takes: "numbers",
    commutes: true,
    kind: "location",
    wins: (a: number, b: number) => a > b || (a !== a && b === b),
  },
  REPLACE: {
    code: 13,
    takes: "anything",
    commutes: false,
    kind: "choice",
    keeps: "higher",
  },
  NO_OP: {
    code: 14,
    takes: "anything",
    commutes: false,
    kind: "choice",
    keeps: "lower",
  },
  /** Ours: a sum that is divided by the number of ranks at its end, see `averageOver`. */
  AVG: {
    code: 15,
    takes: "floats",
    commutes: true,
    kind: "element",
    of: (a: number, b: number) => a + b,
    isAverage: true,
  },
} as const satisfies Readonly<Record<string, ReduceRow>>;

export type ReduceRow = {
  readonly code: number;
  /** The dtypes it is defined for. Logical and bitwise ops are for integers only, as in MPI. */
  readonly takes: "numbers" | "integers" | "floats" | "anything";
  /** Whether ranks may be combined in another order. Where it is false, rank order is part of the result. */
  readonly commutes: boolean;
} & (ElementRow | LocationRow | ChoiceRow);

/** Element by element. The text of these functions becomes part of a loop: they use nothing from outside. */
export interface ElementRow {
  readonly kind: "element";
  readonly of: (a: number, b: number) => number;
  /** Of int32 and uint32 buffers, where it differs. */
  readonly int32?: (a: number, b: number) => number;
  /** Of the 64-bit integers, where it differs. */
  readonly bigint?: (a: bigint, b: bigint) => bigint;
  readonly isAverage?: true;
}

/** On pairs (value, index) that lie one behind the other: the pair whose value wins, of equal ones that with the lower index. */
export interface LocationRow {
  readonly kind: "location";
  readonly wins: (a: number, b: number) => boolean;
}

/** One of the two, as it is. */
export interface ChoiceRow {
  readonly kind: "choice";
  readonly keeps: "lower" | "higher";
}

export type ReduceOp = keyof typeof TABLE;
export const REDUCE_OPS = Object.keys(TABLE) as readonly ReduceOp[];
export const reduceRow = (op: ReduceOp): ReduceRow => TABLE[op];

export const reduceOpFromCode = (code: number): ReduceOp | null =>
  REDUCE_OPS.find((op) => TABLE[op].code === code) ?? null;
export const reduceOpCode = (op: ReduceOp): number => TABLE[op].code;

/** Whether ranks may be combined in any order. */
export const commutes = (op: ReduceOp): boolean => TABLE[op].commutes;

/** Whether the result is to be divided by the number of ranks, once: with `averageOver` or `averageValue`. */
export const isAverage = (op: ReduceOp): boolean => "isAverage" in TABLE[op];

/** Elements that belong together: 2 for pairs, else 1. A buffer may be cut only between items. */
export const itemLength = (op: ReduceOp): 1 | 2 =>
  TABLE[op].kind === "location" ? 2 : 1;
