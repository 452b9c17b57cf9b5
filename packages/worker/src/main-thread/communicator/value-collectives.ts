import type { CallDescription } from "@tsmpi/collective";
import { decodeValue } from "@tsmpi/protocol";
import { readList, readRoot } from "../arguments";
import { fold, nameOfOp, OPS, type Widened } from "../op";
import { type Arguments, inOrder } from "../options";
import { encoded } from "../payloads";
import type { Request } from "../request";
import type { Start } from "./base";
import { BufferMessages } from "./buffer-messages";
import type {
  NoParameters,
  OneList,
  OneValue,
  ReducedValue,
  ReducedValueAtRoot,
  RootedList,
  RootedValue,
} from "./parameters";

/**
 * Collectives of any value (see `encodeValue`), by the lower-case calls. Each has a non-blocking twin with `i` in front. Names
 * and meaning are mpi4py's. Every rank makes the same calls in the same order; one that cannot be completed raises on every rank.
 */
export abstract class ValueCollectives extends BufferMessages {
  /** Returns nowhere before it was called everywhere. */
  barrier(...args: Arguments<NoParameters>): void {
    void args;
    this.run("barrier", () => this.startBarrier());
  }
  Barrier(): void {
    this.barrier();
  }
  ibarrier(...args: Arguments<NoParameters>): Request<null> {
    void args;
    return this.begin("barrier", () => this.startBarrier());
  }
  Ibarrier(): Request<null> {
    return this.ibarrier();
  }

  /** The root's value, everywhere; the root gets a copy. */
  bcast<T>(...args: Arguments<RootedValue<T>>): T {
    return this.run("bcast", () => this.#bcast(args));
  }
  ibcast<T>(...args: Arguments<RootedValue<T>>): Request<T> {
    return this.begin("bcast", () => this.#bcast<T>(args));
  }

  /** The root's `sendobj[rank]`; the list must have one item a rank, or the call fails on every rank. Others pass null. */
  scatter<T>(...args: Arguments<RootedList<T>>): T {
    return this.run("scatter", () => this.#scatter(args));
  }
  iscatter<T>(...args: Arguments<RootedList<T>>): Request<T> {
    return this.begin("scatter", () => this.#scatter<T>(args));
  }

  /** Every rank's value in rank order at the root, null elsewhere. */
  gather<T>(...args: Arguments<RootedValue<T>>): T[] | null {
    const [sendobj, root] = inOrder(args);
    return this.run("gather", () => this.#gather(GATHER, sendobj, root, same));
  }
  igather<T>(...args: Arguments<RootedValue<T>>): Request<T[] | null> {
    const [sendobj, root] = inOrder(args);
    return this.begin("gather", () =>
      this.#gather(GATHER, sendobj, root, same<T[]>),
    );
  }

  /** Every rank's value in rank order, everywhere. */
  allgather<T>(...args: Arguments<OneValue<T>>): T[] {
    const [sendobj] = inOrder(args);
    return this.run("allgather", () =>
      this.#allgather(ALLGATHER, sendobj, same<T[]>),
    );
  }
  iallgather<T>(...args: Arguments<OneValue<T>>): Request<T[]> {
    const [sendobj] = inOrder(args);
    return this.begin("allgather", () =>
      this.#allgather(ALLGATHER, sendobj, same<T[]>),
    );
  }

  /** Item r of this rank's list goes to rank r; item r of the result is rank r's for this one. */
  alltoall<T>(...args: Arguments<OneList<T>>): T[] {
    return this.run("alltoall", () => this.#alltoall(args));
  }
  ialltoall<T>(...args: Arguments<OneList<T>>): Request<T[]> {
    return this.begin("alltoall", () => this.#alltoall<T>(args));
  }

  /** `op` over every rank's value, in rank order, at the root; null elsewhere. */
  reduce<T>(
    ...args: Arguments<ReducedValueAtRoot<T, Widened<T>>>
  ): Widened<T> | null {
    return this.run("reduce", () => this.#reduce(args));
  }
  ireduce<T>(
    ...args: Arguments<ReducedValueAtRoot<T, Widened<T>>>
  ): Request<Widened<T> | null> {
    return this.begin("reduce", () => this.#reduce(args));
  }

  /** `op` over every rank's value, in rank order, everywhere. */
  allreduce<T>(...args: Arguments<ReducedValue<T, Widened<T>>>): Widened<T> {
    return this.run("allreduce", () => this.#allreduce(args));
  }
  iallreduce<T>(
    ...args: Arguments<ReducedValue<T, Widened<T>>>
  ): Request<Widened<T>> {
    return this.begin("allreduce", () => this.#allreduce(args));
  }

  /** `op` over the values of all ranks up to this one, in rank order. */
  scan<T>(...args: Arguments<ReducedValue<T, Widened<T>>>): Widened<T> {
    return this.run("scan", () => this.#scan(args));
  }
  iscan<T>(
    ...args: Arguments<ReducedValue<T, Widened<T>>>
  ): Request<Widened<T>> {
    return this.begin("scan", () => this.#scan(args));
  }

  /** `op` over the values of all ranks below this one, in rank order; null on rank 0. */
  exscan<T>(
    ...args: Arguments<ReducedValue<T, Widened<T>>>
  ): Widened<T> | null {
    return this.run("exscan", () => this.#exscan(args));
  }
  iexscan<T>(
    ...args: Arguments<ReducedValue<T, Widened<T>>>
  ): Request<Widened<T> | null> {
    return this.begin("exscan", () => this.#exscan(args));
  }

  #bcast<T>(args: Arguments<RootedValue<T>>): Start<T> {
    const [obj, root = 0] = inOrder(args);
    const rootRank = readRoot(root, this.size);
    const own = this.rank === rootRank ? encoded(obj) : null;
    return () =>
      this.call(
        "bcast",
        {
          call: { name: "bcast", root: rootRank },
          bytes: own,
          into: null,
        },
        (bytes) => decodeValue(own ?? bytes!) as T,
      );
  }

  #scatter<T>(args: Arguments<RootedList<T>>): Start<T> {
    const [sendobj, root = 0] = inOrder(args);
    const rootRank = readRoot(root, this.size);
    const blocks =
      this.rank === rootRank ? readList(sendobj, this.size).map(encoded) : null;
    return () =>
      this.call(
        "scatter",
        {
          call: { name: "scatter", root: rootRank },
          blocks,
          into: null,
        },
        (bytes) => decodeValue(bytes!) as T,
      );
  }

  #alltoall<T>(args: Arguments<OneList<T>>): Start<T[]> {
    const [sendobj] = inOrder(args);
    const blocks = readList(sendobj, this.size).map(encoded);
    return () =>
      this.call(
        "alltoall",
        {
          call: { name: "alltoall" },
          blocks,
          into: null,
        },
        (received) => received!.map(decodeValue) as T[],
      );
  }

  protected startBarrier(): Start<null> {
    const call = { name: "barrier" } as const;
    return () => this.call("barrier", { call }, () => null);
  }

  #reduce<T>(
    args: Arguments<ReducedValueAtRoot<T, Widened<T>>>,
  ): Start<Widened<T> | null> {
    const [value, op = OPS.SUM, root] = inOrder(args);
    return this.#gather(
      { name: "reduce", op: nameOfOp(op) ?? "user" },
      value as Widened<T>,
      root,
      (values: Widened<T>[]) => fold(values, op),
    );
  }

  #allreduce<T>(
    args: Arguments<ReducedValue<T, Widened<T>>>,
  ): Start<Widened<T>> {
    const [value, op = OPS.SUM] = inOrder(args);
    return this.#allgather(
      { name: "allreduce", op: nameOfOp(op) ?? "user" },
      value as Widened<T>,
      (values: Widened<T>[]) => fold(values, op),
    );
  }

  #scan<T>(args: Arguments<ReducedValue<T, Widened<T>>>): Start<Widened<T>> {
    const [value, op = OPS.SUM] = inOrder(args);
    return this.#allgather(
      { name: "scan", op: nameOfOp(op) ?? "user" },
      value as Widened<T>,
      (values: Widened<T>[]) => fold(values.slice(0, this.rank + 1), op),
    );
  }

  #exscan<T>(
    args: Arguments<ReducedValue<T, Widened<T>>>,
  ): Start<Widened<T> | null> {
    const [value, op = OPS.SUM] = inOrder(args);
    return this.#allgather(
      { name: "exscan", op: nameOfOp(op) ?? "user" },
      value as Widened<T>,
      (values: Widened<T>[]) =>
        this.rank === 0 ? null : fold(values.slice(0, this.rank), op),
    );
  }

  #gather<T, R>(
    call: CallDescription,
    value: T,
    root: number | undefined,
    finish: (values: T[]) => R,
  ): Start<R | null> {
    const rootRank = readRoot(root ?? 0, this.size);
    const bytes = encoded(value);
    return () =>
      this.call(
        "gather",
        {
          call: { ...call, root: rootRank },
          bytes,
          into: null,
        },
        (blocks) => blocks && finish(blocks.map(decodeValue) as T[]),
      );
  }

  #allgather<T, R>(
    call: CallDescription,
    value: T,
    finish: (values: T[]) => R,
  ): Start<R> {
    const bytes = encoded(value);
    return () =>
      this.call("allgather", { call, bytes, into: null }, (blocks) =>
        finish(blocks!.map(decodeValue) as T[]),
      );
  }
}

const GATHER = { name: "gather" } as const;
const ALLGATHER = { name: "allgather" } as const;
const same = <T>(values: T): T => values;
