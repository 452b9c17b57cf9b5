import {
  averageOver,
  averageValue,
  combineValues,
  commutes,
  isAverage,
  kernelFor,
  REDUCE_OPS,
  type ReduceOp,
} from "@tsmpi/collective";
import {
  BufferTypeError,
  CountError,
  type Dtype,
  dtypeOf,
  OpError,
  type TypedArray,
  typeTag,
} from "@tsmpi/protocol";
import { type BufferSpec, type Elements, readElements } from "./buffer-spec";
import { type Datatype, datatypeNamed } from "./datatype";
import { constant, isConstant, otherHandle } from "./handle";
import { insideUserOp } from "./user-op-guard";

/**
 * A reduce function of the user's. On buffers it puts `lower[i] op higher[i]` into `higher[i]`, or returns an array of the same
 * type and length; on values, where `datatype` is null, it returns the result. It must not communicate.
 */
export type UserFunction<T> = (
  lower: T,
  higher: T,
  datatype: Datatype | null,
) => T | void;

/** What a function without types of its own is written for; one for bigints says so: `(a: BigInt64Array, b: BigInt64Array) => …`. */
type NumberArray = Exclude<TypedArray, BigInt64Array | BigUint64Array>;

/** `target[i] = lower[i] op higher[i]`; `target` is one of the two. Equal lengths, one dtype. */
export type Kernel = ReturnType<typeof kernelFor>;

type Meaning =
  | { readonly name: ReduceOp }
  | {
      readonly name: null;
      readonly fn: UserFunction<unknown>;
      readonly commute: boolean;
    };

const PREDEFINED = Object.fromEntries(
  REDUCE_OPS.map((name) => [name, { name }]),
) as unknown as Readonly<Record<ReduceOp, Meaning>>;

/**
 * A reduce op: one of MPI's such as `MPI.SUM`, or a function of the user's. Works on buffers and on values. OP_NULL, and one that
 * was freed, raises an OpError wherever it is used.
 */
export class Op {
  #meaning: Meaning | null;

  /** A null handle; or another handle to `op`. */
  constructor(op?: Op | ReduceOp | null) {
    const name = REDUCE_OPS.find((known) => known === op);
    if (name) this.#meaning = PREDEFINED[name];
    else {
      const other = otherHandle(op, Op);
      this.#meaning = other && other.#meaning;
    }
  }

  /**
   * An op of the user's own.
   *
   * @param commute whether ranks may be combined in another order than theirs
   * @throws {OpError} `fn` is no function
   */
  static Create<T = NumberArray>(
    fn: UserFunction<T>,
    commute: boolean | { readonly commute?: boolean } = false,
  ): Op {
    if (typeof fn !== "function")
      throw new OpError(`an op is made of a function, not of ${typeof fn}`);
    const op = new Op();
    op.#meaning = {
      name: null,
      fn: fn as UserFunction<unknown>,
      commute: Boolean(typeof commute === "object" ? commute.commute : commute),
    };
    return op;
  }

  /** `"SUM"` …; null for one of the user's. */
  get name(): ReduceOp | null {
    return this.#read().name;
  }
  get isNull(): boolean {
    return this.#meaning === null;
  }
  /** Whether both are handles to one op, or both null. */
  equals(other: unknown): boolean {
    if (!(other instanceof Op)) return false;
    return this.#meaning === other.#meaning;
  }
  /** Whether it is MPI's, or OP_NULL. */
  get is_predefined(): boolean {
    return this.#meaning?.name !== null;
  }

  /** Whether ranks may be combined in another order than theirs: in all of MPI's ops but REPLACE and NO_OP. */
  Is_commutative(): boolean {
    const meaning = this.#read();
    return meaning.name === null ? meaning.commute : commutes(meaning.name);
  }
  get is_commutative(): boolean {
    return this.Is_commutative();
  }

  /**
   * The op on two values, of AVG their average: `op(x, y)` in mpi4py.
   *
   * @throws {OpError} it is not defined for these
   */
  call<T>(x: T, y: T): Widened<T> {
    return fold([x, y], this) as Widened<T>;
  }

  /** @internal The op on the values of two ranks. */
  combine<T>(lower: T, higher: T): T {
    const meaning = this.#read();
    if (meaning.name !== null)
      return combineValues(meaning.name, lower, higher) as T;
    const fn = meaning.fn as UserFunction<T>;
    const result = insideUserOp(() => fn(lower, higher, null));
    return result === undefined ? higher : result;
  }

  /**
   * `inoutbuf[i] = inbuf[i] op inoutbuf[i]`, on this rank alone; of AVG the average of the two.
   *
   * @throws {CountError | BufferTypeError} the two differ in count or datatype
   * @throws {OpError} the op is not defined for this datatype
   */
  Reduce_local(inbuf: BufferSpec, inoutbuf: BufferSpec): void {
    this.#read();
    const from = readElements(inbuf, "inbuf");
    const to = readElements(inoutbuf, "inoutbuf");
    if (from.dtype !== to.dtype)
      throw new BufferTypeError(
        `mismatch in inbuf type ${from.dtype} and inoutbuf type ${to.dtype}`,
      );
    if (from.array.length !== to.array.length)
      throw new CountError(
        `mismatch in inbuf count ${from.array.length} and inoutbuf count ${to.array.length}`,
      );
    const datatype = to.datatype ?? datatypeNamed(to.dtype);
    this.kernel(datatype)(to.array, from.array, to.array);
    this.finish(to.array, datatype, 2);
  }

  /**
   * @internal What combines the buffers of two ranks. A function of the user's runs on this thread.
   * @throws {OpError} the op is not defined for this datatype
   */
  kernel(datatype: Datatype): Kernel {
    const meaning = this.#read();
    return meaning.name === null
      ? userKernel(meaning.fn as UserFunction<TypedArray>, datatype)
      : kernelFor(meaning.name, datatype.dtype);
  }

  /** @internal What is left to do, once, when the buffers of all ranks have been combined: an average is divided. */
  finish(target: TypedArray, { dtype }: Datatype, ranks: number): void {
    const { name } = this.#read();
    if (name !== null && isAverage(name)) averageOver(ranks, target, dtype);
  }

  /** Makes this handle null. MPI's own ops stay: an OpError. */
  Free(): void {
    const { name } = this.#read();
    if (name !== null) throw new OpError(`${name} is predefined and stays`);
    this.#meaning = null;
  }
  /** Makes this handle null; constants stay. */
  free(): void {
    if (!isConstant(this)) this.#meaning = null;
  }

  #read(): Meaning {
    if (this.#meaning) return this.#meaning;
    throw new OpError("the op is OP_NULL or has been freed");
  }
}

/** No op at all: what a freed handle is. */
export const OP_NULL = new Op();

/** `SUM`, `PROD` …: MPI's ops, and AVG, which is ours. */
export const OPS = Object.fromEntries(
  REDUCE_OPS.map((name) => [name, constant(new Op(name))]),
) as Readonly<Record<ReduceOp, Op>>;

const userKernel =
  (fn: UserFunction<TypedArray>, datatype: Datatype): Kernel =>
  (target, lower, higher) => {
    // The function may write into its second argument, and only there.
    const inout = target === higher ? higher : higher.slice();
    const returned = insideUserOp(() => fn(lower, inout, datatype));
    const result = returned === undefined ? inout : returned;
    assertLike(result, inout);
    if (result !== target) target.set(result as never);
  };

function assertLike(result: unknown, expected: TypedArray): void {
  const dtype = dtypeOf(expected)!;
  if (
    dtypeOf(result) !== dtype ||
    (result as TypedArray).length !== expected.length
  )
    throw new OpError(
      `a reduce function must return nothing, having written into its second argument, or ${expected.length} elements of ${dtype}; it returned ${describe(result)}`,
    );
}

const describe = (result: unknown): string =>
  ArrayBuffer.isView(result)
    ? `${(result as TypedArray).length} elements of ${dtypeOf(result) ?? typeTag(result)}`
    : typeTag(result);

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
  const combine = (lower: T, higher: T): T =>
    op instanceof Op
      ? op.combine(lower, higher)
      : insideUserOp(() => op(lower, higher));
  return finishValue(op, values.reduce(combine), values.length);
}

/** What is left to do when the values of all ranks have been combined. */
const finishValue = <T>(op: ValueOp<T>, value: T, ranks: number): T =>
  op instanceof Op && op.name !== null && isAverage(op.name)
    ? (averageValue(value, ranks) as T)
    : value;

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

/**
 * The name of an op for buffers of this dtype; null for a function that `Op.Create` has made an op.
 *
 * @throws {OpError} it is no op, or not defined for this dtype
 */
export function opForBuffers(op: unknown, dtype: Dtype): ReduceOp | null {
  if (!(op instanceof Op))
    throw new OpError(
      "buffers are reduced by MPI.SUM, MPI.MAX … or an op of MPI.Op.Create; a function is an op for values only (lower-case calls)",
    );
  const { name } = op;
  if (name !== null) kernelFor(name, dtype);
  return name;
}

/** Folds buffers in rank order; they may be written to. */
export function foldBuffers(
  op: Op,
  buffers: readonly TypedArray[],
  { dtype, datatype }: Elements,
): TypedArray {
  const combine = op.kernel(datatype ?? datatypeNamed(dtype));
  return buffers.reduce((lower, higher) => {
    combine(higher, lower, higher);
    return higher;
  });
}
