import { combineValues, type ReduceOp } from "@tsmpi/collective";
import { OpError } from "@tsmpi/protocol";

/** A reduce op of MPI's, such as `MPI.SUM`. Works on buffers and on values. */
export class Op {
  constructor(readonly name: ReduceOp) {}
}

/** For values any function of two is an op too: `op(lower, higher)`, in rank order, so it need not be commutative. */
export type ValueOp<T> = Op | ((lower: T, higher: T) => T);

/** The type of any number where `T` is the type of one: what a reduction of `1` gives is not `1`. */
export type Widened<T> = T extends number
  ? number
  : T extends bigint
    ? bigint
    : T extends string
      ? string
      : T extends boolean
        ? boolean
        : T;

/** Folds the values in rank order. */
export function fold<T>(values: readonly T[], op: ValueOp<T>): T {
  const combine =
    op instanceof Op
      ? (lower: T, higher: T) => combineValues(op.name, lower, higher) as T
      : op;
  return values.reduce((lower, higher) => combine(lower, higher));
}

/**
 * The op's name, null for a function: ranks with different ops are told.
 *
 * @throws {OpError} anything but an op
 */
export function nameOfOp(op: unknown): ReduceOp | null {
  if (op instanceof Op) return op.name;
  if (typeof op === "function") return null;
  throw new OpError(
    `op must be MPI.SUM, MPI.MAX … or a function (lower, higher) => value, not ${String(op)}`,
  );
}

/** @throws {OpError} anything but an op of MPI's */
export function bufferOp(op: unknown): ReduceOp {
  if (op instanceof Op) return op.name;
  throw new OpError(
    "buffers are reduced by MPI.SUM, MPI.MAX …; a function is an op for values only (lower-case calls)",
  );
}
