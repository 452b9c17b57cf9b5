import {
  allreduceDirect,
  asFloat32,
  type CallDescription,
  type CallName,
  type DirectCall,
  exscanDirect,
  itemLength,
  type ReduceCall,
  reduceDirect,
  reduceScatterDirect,
  scanDirect,
  type SharedSegment,
  wantedNamed,
} from "@tsmpi/collective";
import {
  ArgumentError,
  bytesOf,
  bytesPerElement,
  CountError,
  type Dtype,
  type TypedArray,
  viewAs,
} from "@tsmpi/protocol";
import { assertAlike, assertSameType, evenCount, readRoot } from "../arguments";
import { type BufferSpec, type Elements, readElements } from "../buffer-spec";
import { IN_PLACE, type InPlace } from "../constants";
import { foldBuffers, type Op, opForBuffers, OPS } from "../op";
import { type Arguments, inOrder } from "../options";
import type { Prequest } from "../persistent-request";
import type { Begun, Request } from "../request";
import type { Start } from "./base";
import type {
  Reduced,
  ReducedAndScattered,
  ReducedAtRoot,
  ReducedEverywhere,
} from "./parameters";
import { readCompression } from "./read-compression";
import { VectorCollectives } from "./vector-collectives";

/** Reads what a reduction has made, on this rank; runs once. */
type Take = (result: TypedArray) => void;

/**
 * Reductions of typed arrays: the same bits on every rank, whatever order messages arrive in. A user's op, made by
 * `MPI.Op.Create`, is applied in rank order.
 */
export abstract class Reductions extends VectorCollectives {
  /**
   * Reduces over all ranks and leaves the result in `recvbuf`, everywhere.
   *
   * @param sendbuf n elements, or `MPI.IN_PLACE`: the input is in `recvbuf`
   * @param recvbuf n elements; from `MPI.Alloc_mem`, or large and coming again, else it is copied once in and once out
   * @param compression ours, for a slow network: how float32 values of a sum or an average look on the wire, "fp16", "bf16" or
   *   "int8". Every value is rounded twice. Passes the sockets even where ranks share memory
   * @param algorithm ours: forces one for this call, by its name, the same on every rank; a call that is compressed has its own
   * @param residual n elements, zeros before the first call: what compression leaves out is kept there, and sent with the next
   *   call. Undefined if the call fails
   * @throws {ProcessFailedError} a peer stopped answering; `recvbuf` is then undefined
   * @throws {MismatchError} ranks disagree on n, dtype, op, compression, algorithm or call; thrown on every rank
   * @throws {ArgumentError} this buffer, or this op, cannot be compressed; on every rank
   * @throws {UnknownNameError} there is no such compression, or no such algorithm; on every rank
   */
  Allreduce<B extends TypedArray>(
    ...args: Arguments<ReducedEverywhere<B>>
  ): void {
    this.run("allreduce", () => this.#allreduce(args));
  }
  Iallreduce<B extends TypedArray>(
    ...args: Arguments<ReducedEverywhere<B>>
  ): Request<null> {
    return this.begin("allreduce", () => this.#allreduce(args));
  }
  Allreduce_init<B extends TypedArray>(
    ...args: Arguments<ReducedEverywhere<B>>
  ): Prequest<null> {
    return this.persistentCollective("allreduce", () => this.#allreduce(args));
  }

  /** Like `Allreduce`, but only the root gets the result; `recvbuf` is ignored elsewhere. */
  Reduce<B extends TypedArray>(...args: Arguments<ReducedAtRoot<B>>): void {
    this.run("reduce", () => this.#reduce(args));
  }
  Ireduce<B extends TypedArray>(
    ...args: Arguments<ReducedAtRoot<B>>
  ): Request<null> {
    return this.begin("reduce", () => this.#reduce(args));
  }
  Reduce_init<B extends TypedArray>(
    ...args: Arguments<ReducedAtRoot<B>>
  ): Prequest<null> {
    return this.persistentCollective("reduce", () => this.#reduce(args));
  }

  /** Reduces size × n elements; rank r gets the r-th n of them. IN_PLACE: the input is in `recvbuf`, the result at its beginning. */
  Reduce_scatter_block<B extends TypedArray>(
    ...args: Arguments<Reduced<B>>
  ): void {
    this.run("reduce_scatter_block", () => this.#reduceScatterBlock(args));
  }
  Ireduce_scatter_block<B extends TypedArray>(
    ...args: Arguments<Reduced<B>>
  ): Request<null> {
    return this.begin("reduce_scatter_block", () =>
      this.#reduceScatterBlock(args),
    );
  }
  Reduce_scatter_block_init<B extends TypedArray>(
    ...args: Arguments<Reduced<B>>
  ): Prequest<null> {
    return this.persistentCollective("reduce_scatter_block", () =>
      this.#reduceScatterBlock(args),
    );
  }

  /** The same with `recvcounts[r]` elements for rank r; without them the ranks ask each other for the length of `recvbuf`. */
  Reduce_scatter<B extends TypedArray>(
    ...args: Arguments<ReducedAndScattered<B>>
  ): void {
    this.run("reduce_scatter", () => this.#reduceScatter(args));
  }
  Ireduce_scatter<B extends TypedArray>(
    ...args: Arguments<ReducedAndScattered<B>>
  ): Request<null> {
    return this.begin("reduce_scatter", () => this.#reduceScatter(args));
  }
  Reduce_scatter_init<B extends TypedArray>(
    ...args: Arguments<ReducedAndScattered<B>>
  ): Prequest<null> {
    return this.persistentCollective("reduce_scatter", () =>
      this.#reduceScatter(args),
    );
  }

  /** `op` over the buffers of all ranks up to this one. */
  Scan<B extends TypedArray>(...args: Arguments<Reduced<B>>): void {
    this.run("scan", () => this.#scan("scan", args));
  }
  Iscan<B extends TypedArray>(...args: Arguments<Reduced<B>>): Request<null> {
    return this.begin("scan", () => this.#scan("scan", args));
  }
  Scan_init<B extends TypedArray>(
    ...args: Arguments<Reduced<B>>
  ): Prequest<null> {
    return this.persistentCollective("scan", () => this.#scan("scan", args));
  }

  /** `op` over the buffers of all ranks below this one; rank 0's `recvbuf` stays as it is. */
  Exscan<B extends TypedArray>(...args: Arguments<Reduced<B>>): void {
    this.run("exscan", () => this.#scan("exscan", args));
  }
  Iexscan<B extends TypedArray>(...args: Arguments<Reduced<B>>): Request<null> {
    return this.begin("exscan", () => this.#scan("exscan", args));
  }
  Exscan_init<B extends TypedArray>(
    ...args: Arguments<Reduced<B>>
  ): Prequest<null> {
    return this.persistentCollective("exscan", () =>
      this.#scan("exscan", args),
    );
  }

  #allreduce(args: Arguments<ReducedEverywhere>): Start<null> {
    const [sendbuf, recvbuf, op = OPS.SUM, ...rest] = inOrder(args);
    const [wanted = null, residual = null, name = null] = rest;
    const target = readElements(recvbuf, "recvbuf");
    const source = this.#source(sendbuf, target);
    const call = reduceCall("allreduce", source, op);
    const compression = readCompression(wanted, residual, call);
    const algorithm = name && wantedNamed("allreduce", name);
    if (call === null)
      return () =>
        this.#folded({ name: "allreduce" }, source, (all) =>
          target.array.set(foldBuffers(op, all, source) as never),
        );
    // Ranks that differ in it do not make the same call.
    const named = algorithm ? { ...call, rest: { algorithm } } : call;
    return () => {
      // In shared memory there is no wire.
      const end =
        compression === null &&
        this.inSegment(
          allreduceDirect,
          named,
          (segment, about) =>
            allreduceDirect.run(
              segment,
              reduction(segment, {
                about,
                call,
                source: bytesOf(source.array),
                target: bytesOf(target.array),
              }),
            ),
          algorithm && { allreduce: algorithm },
        );
      if (end) return { pending: end, finish: nothing };
      // In place in the receive buffer, where its memory is shared.
      const { shared, isItself, copyBack, release } = this.share(
        target.array,
        target.dtype,
        { fill: false },
      );
      if (!isItself || source.array !== target.array)
        shared.set(source.array as never);
      const kept = residual && this.share(residual, "float32", { fill: true });
      const compressed = compression && {
        compression,
        residual: kept && asFloat32(kept.shared),
      };
      return this.callInto(
        "allreduce",
        { call: named, buffer: shared, manner: { compressed, algorithm } },
        () => {
          copyBack();
          kept?.copyBack();
        },
        () => {
          release();
          kept?.release();
        },
      );
    };
  }

  #reduce(args: Arguments<ReducedAtRoot>): Start<null> {
    const [sendbuf, recvbuf, op = OPS.SUM, root = 0] = inOrder(args);
    const rootRank = readRoot(root, this.size);
    const target =
      this.rank === rootRank ? readElements(recvbuf, "recvbuf") : null;
    const source = target
      ? this.#source(sendbuf, target)
      : readElements(sendbuf, "sendbuf");
    const call = reduceCall("reduce", source, op);
    if (call === null)
      return () =>
        this.#foldedAtRoot(source, rootRank, (all) =>
          target?.array.set(foldBuffers(op, all, source) as never),
        );
    const rooted = { ...call, root: rootRank };
    return () => {
      const end = this.inSegment(reduceDirect, rooted, (segment, about) =>
        reduceDirect.run(segment, {
          ...reduction(segment, {
            about,
            call,
            source: bytesOf(source.array),
            target: target && bytesOf(target.array),
          }),
          root: rootRank,
        }),
      );
      if (end) return { pending: end, finish: nothing };
      return this.#onCopy(source, (buffer, release) =>
        this.callInto(
          "reduce",
          { call: rooted, buffer },
          () => target?.array.set(buffer as never),
          release,
        ),
      );
    };
  }

  #reduceScatterBlock(args: Arguments<Reduced>): Start<null> {
    const [sendbuf, recvbuf, op = OPS.SUM] = inOrder(args);
    const target = readElements(recvbuf, "recvbuf");
    const isInPlace = sendbuf === IN_PLACE || sendbuf === null;
    const source = isInPlace
      ? target
      : readElements(sendbuf, "sendbuf", this.size);
    const n = evenCount(source, this.size, isInPlace ? "recvbuf" : "sendbuf");
    if (!isInPlace)
      assertAlike({ ...source, array: source.array.subarray(0, n) }, target);
    const counts = Array.from({ length: this.size }, () => n);
    return this.#scattered("reduce_scatter_block", source, target, counts, op);
  }

  #reduceScatter(args: Arguments<ReducedAndScattered>): Start<null> {
    const [sendbuf, recvbuf, recvcounts = null, op = OPS.SUM] = inOrder(args);
    const target = readElements(recvbuf, "recvbuf");
    const isInPlace = sendbuf === IN_PLACE || sendbuf === null;
    const source = isInPlace ? target : readElements(sendbuf, "sendbuf");
    if (recvcounts === null && isInPlace)
      throw new ArgumentError("Reduce_scatter in place needs recvcounts");
    const counts = recvcounts ?? this.allgather(target.array.length);
    if (counts.length !== this.size)
      throw new CountError(
        `expecting ${this.size} recvcounts, got ${counts.length}`,
      );
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (
      total > source.array.length ||
      (!isInPlace && total < source.array.length)
    )
      throw new CountError(
        `mismatch in send count ${source.array.length} and the sum of recvcounts ${total}`,
      );
    assertSameType(source, target);
    if (!isInPlace && target.array.length !== counts[this.rank])
      throw new CountError(
        `mismatch in receive count ${target.array.length} and recvcounts[${this.rank}] ${counts[this.rank]}`,
      );
    const input = { ...source, array: source.array.subarray(0, total) };
    return this.#scattered("reduce_scatter", input, target, counts, op);
  }

  #scattered(
    name: CallName,
    source: Elements,
    target: Elements,
    counts: readonly number[],
    op: Op,
  ): Start<null> {
    const before = counts
      .slice(0, this.rank)
      .reduce((sum, count) => sum + count, 0);
    const take: Take = (result) =>
      target.array.set(
        result.subarray(before, before + counts[this.rank]!) as never,
      );
    const call = reduceCall(name, source, op);
    if (call === null)
      return () =>
        this.#folded({ name, rest: counts }, source, (all) =>
          take(foldBuffers(op, all, source)),
        );
    const counted = { ...call, rest: counts };
    const itemBytes = bytesPerElement(source.dtype);
    return () => {
      const end = this.inSegment(
        reduceScatterDirect,
        counted,
        (segment, about) =>
          reduceScatterDirect.run(segment, {
            ...reduction(segment, {
              about,
              call,
              source: bytesOf(source.array),
              target: bytesOf(target.array.subarray(0, counts[this.rank])),
            }),
            blocks: counts.map((count) => count * itemBytes),
          }),
      );
      if (end) return { pending: end, finish: nothing };
      return this.#onCopy(source, (buffer, release) =>
        this.callInto(
          "reduceScatter",
          { call: counted, buffer, counts },
          () => take(buffer),
          release,
        ),
      );
    };
  }

  #scan(name: "scan" | "exscan", args: Arguments<Reduced>): Start<null> {
    const [sendbuf, recvbuf, op = OPS.SUM] = inOrder(args);
    const target = readElements(recvbuf, "recvbuf");
    const source = this.#source(sendbuf, target);
    // Ranks whose values count.
    const ranks = name === "scan" ? this.rank + 1 : this.rank;
    const take: Take = (result) => {
      if (ranks > 0) target.array.set(result as never);
    };
    const call = reduceCall(name, source, op);
    if (call === null)
      return () =>
        this.#folded({ name }, source, (all) => {
          if (ranks > 0) take(foldBuffers(op, all.slice(0, ranks), source));
        });
    const direct = name === "scan" ? scanDirect : exscanDirect;
    return () => {
      const end = this.inSegment(direct, call, (segment, about) =>
        direct.run(
          segment,
          reduction(segment, {
            about,
            call,
            source: bytesOf(source.array),
            target: ranks > 0 ? bytesOf(target.array) : null,
          }),
        ),
      );
      if (end) return { pending: end, finish: nothing };
      return this.#onCopy(source, (buffer, release) =>
        this.callInto(name, { call, buffer }, () => take(buffer), release),
      );
    };
  }

  /** The input of a reduction into `target`. */
  #source(sendbuf: BufferSpec | InPlace, target: Elements): Elements {
    if (sendbuf === IN_PLACE || (sendbuf === null && target.array.length > 0))
      return target;
    const source = readElements(sendbuf, "sendbuf");
    assertAlike(source, target);
    return source;
  }

  /** A reduction works in place: on a copy of what is sent. */
  #onCopy(
    { array, dtype }: Elements,
    begin: (buffer: TypedArray, release: () => void) => Begun<null>,
  ): Begun<null> {
    const { shared, release } = this.scratch(dtype, array.length);
    shared.set(array as never);
    return begin(shared, release);
  }

  /** A user's op runs on this thread: every rank gets all buffers, and folds them itself. */
  #folded(
    call: CallDescription,
    { array, dtype }: Elements,
    finish: (all: TypedArray[]) => void,
  ): Begun<null> {
    return this.callInto(
      "allgather",
      {
        call: { ...call, op: "user", dtype, count: array.length },
        bytes: bytesOf(array).slice(),
        into: null,
      },
      (blocks) => finish(blocks!.map((bytes) => elementsOf(bytes, dtype))),
    );
  }

  #foldedAtRoot(
    { array, dtype }: Elements,
    root: number,
    finish: (all: TypedArray[]) => void,
  ): Begun<null> {
    return this.callInto(
      "gather",
      {
        call: { name: "reduce", op: "user", dtype, count: array.length, root },
        bytes: bytesOf(array).slice(),
        into: null,
      },
      (blocks) => {
        if (blocks) finish(blocks.map((bytes) => elementsOf(bytes, dtype)));
      },
    );
  }
}

interface InSegment<Target extends Uint8Array | null> {
  readonly about: DirectCall;
  readonly call: ReduceCall;
  readonly source: Uint8Array;
  readonly target: Target;
}

/** What a reduction in shared memory needs. Small calls cost what they allocate: spread, this would be two kilobytes. */
const reduction = <Target extends Uint8Array | null>(
  { kernels }: SharedSegment,
  {
    about: { number, signature },
    call: { op, dtype },
    source,
    target,
  }: InSegment<Target>,
) => ({
  number,
  signature,
  op,
  kernel: kernels.for(op, dtype),
  source,
  target,
});

const nothing = (): null => null;

/** What a rank says of its reduction; null if the op is a user's. */
function reduceCall(
  name: CallName,
  { array, dtype }: Elements,
  op: Op,
): ReduceCall | null {
  const reduceOp = opForBuffers(op, dtype);
  if (reduceOp && array.length % itemLength(reduceOp) !== 0)
    throw new CountError(
      `${reduceOp} takes pairs of value and index; ${array.length} elements are not pairs`,
    );
  return reduceOp && { name, dtype, count: array.length, op: reduceOp };
}

/** A copy: an op may write to what it is given. */
function elementsOf(bytes: Uint8Array, dtype: Dtype): TypedArray {
  const own = bytes.slice();
  const length = own.byteLength / bytesPerElement(dtype);
  return viewAs(dtype, own.buffer, 0, length);
}
