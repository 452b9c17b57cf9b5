import { assert, bytesOf, dtypeOf, type TypedArray } from "@tsmpi/protocol";
import {
  assertAlike,
  readBuffer,
  readReceive,
  readRoot,
  readSend,
  type ReceiveOptions,
  type RootArgument,
  type SendOptions,
} from "./arguments";
import {
  copyExactly,
  evenPart,
  exactBytes,
  fillFrom,
  partsOf,
  type ScattervSend,
  sourceOf,
} from "./buffers";
import {
  ANY_SOURCE,
  ANY_TAG,
  IN_PLACE,
  type InPlace,
  PROC_NULL,
} from "./constants";
import { bufferOp, Op } from "./op";
import type { Request } from "./request";
import type { Status } from "./status";
import { ValueCommunicator } from "./value-communicator";

const SUM = new Op("SUM");

/**
 * A group of ranks that communicate. The capital calls work on typed arrays in place; buffers from `MPI.Alloc_mem` are not
 * copied. Each has a non-blocking twin with `I` in front; its buffers must be left alone until it is complete.
 *
 * Every rank makes the same collective calls in the same order. A call that cannot be completed raises on every rank.
 */
export class Communicator extends ValueCommunicator {
  /**
   * Reduces over all ranks and leaves the result in `recvbuf`, everywhere, the same bits on every rank.
   *
   * @param sendbuf n elements, or `MPI.IN_PLACE`: the input is in `recvbuf`
   * @param recvbuf n elements; from `MPI.Alloc_mem`, else it is copied once in and once out
   * @throws {ProcessFailedError} a peer stopped answering; `recvbuf` is then undefined
   * @throws {MismatchError} ranks disagree on n, dtype, op or call; thrown on every rank
   */
  Allreduce(
    sendbuf: TypedArray | InPlace,
    recvbuf: TypedArray,
    op: Op = SUM,
  ): void {
    this.Iallreduce(sendbuf, recvbuf, op).wait();
  }
  Iallreduce(
    sendbuf: TypedArray | InPlace,
    recvbuf: TypedArray,
    op: Op = SUM,
  ): Request<void> {
    return this.collective("allreduce", () => {
      const target = readBuffer(recvbuf, "recvbuf");
      const reduceOp = bufferOp(op);
      const source = sourceOf(sendbuf, target);
      const { shared, copyBack, release } = this.share(target, { fill: false });
      if (shared !== source) shared.set(source as never);
      return this.runtime.request(
        "allreduce",
        { context: this.context, buffer: shared, op: reduceOp },
        copyBack,
        release,
      );
    });
  }

  /** Like `Allreduce`, but only the root gets the result; `recvbuf` is ignored elsewhere. */
  Reduce(
    sendbuf: TypedArray | InPlace,
    recvbuf: TypedArray | null,
    op: Op = SUM,
    root: RootArgument = 0,
  ): void {
    this.Ireduce(sendbuf, recvbuf, op, root).wait();
  }
  Ireduce(
    sendbuf: TypedArray | InPlace,
    recvbuf: TypedArray | null,
    op: Op = SUM,
    root: RootArgument = 0,
  ): Request<void> {
    return this.collective("reduce", () => {
      const rootRank = readRoot(root, this.size);
      const reduceOp = bufferOp(op);
      const target =
        this.rank === rootRank ? readBuffer(recvbuf, "recvbuf") : null;
      const source = target
        ? sourceOf(sendbuf, target)
        : readBuffer(sendbuf, "sendbuf");
      const { shared, release } = this.scratch(source);
      shared.set(source as never);
      return this.runtime.request(
        "reduce",
        { context: this.context, buffer: shared, op: reduceOp, root: rootRank },
        () => target?.set(shared as never),
        release,
      );
    });
  }

  /** The root's buffer, everywhere. All buffers have the same length and type. */
  Bcast(buf: TypedArray, root: RootArgument = 0): void {
    this.Ibcast(buf, root).wait();
  }
  Ibcast(buf: TypedArray, root: RootArgument = 0): Request<void> {
    return this.collective("bcast", () => {
      const rootRank = readRoot(root, this.size);
      const isRoot = this.rank === rootRank;
      const { shared, copyBack, release } = this.share(readBuffer(buf, "buf"), {
        fill: isRoot,
      });
      return this.runtime.request(
        "bcast",
        { context: this.context, bytes: null, buffer: shared, root: rootRank },
        () => (isRoot ? undefined : copyBack()),
        release,
      );
    });
  }

  /** Every rank's n elements, in rank order, in the root's `recvbuf` of size × n. At the root `sendbuf` may be IN_PLACE. */
  Gather(
    sendbuf: TypedArray | InPlace,
    recvbuf: TypedArray | null,
    root: RootArgument = 0,
  ): void {
    this.Igather(sendbuf, recvbuf, root).wait();
  }
  Igather(
    sendbuf: TypedArray | InPlace,
    recvbuf: TypedArray | null,
    root: RootArgument = 0,
  ): Request<void> {
    return this.collective("gather", () => {
      const rootRank = readRoot(root, this.size);
      const target =
        this.rank === rootRank ? readBuffer(recvbuf, "recvbuf") : null;
      const own = target
        ? this.#ownPart(sendbuf, target)
        : readBuffer(sendbuf, "sendbuf");
      return this.runtime.request(
        "gather",
        {
          context: this.context,
          bytes: exactBytes(own),
          dtype: dtypeOf(own),
          root: rootRank,
          as: { collective: "gather" },
        },
        (blocks) => {
          if (target && blocks) this.#fillParts(target, blocks);
        },
      );
    });
  }

  /** Every rank's n elements, in rank order, in everybody's `recvbuf` of size × n. */
  Allgather(sendbuf: TypedArray | InPlace, recvbuf: TypedArray): void {
    this.Iallgather(sendbuf, recvbuf).wait();
  }
  Iallgather(
    sendbuf: TypedArray | InPlace,
    recvbuf: TypedArray,
  ): Request<void> {
    return this.collective("allgather", () => {
      const target = readBuffer(recvbuf, "recvbuf");
      const own = this.#ownPart(sendbuf, target);
      return this.runtime.request(
        "allgather",
        {
          context: this.context,
          bytes: exactBytes(own),
          dtype: dtypeOf(own),
          as: { collective: "allgather" },
        },
        (blocks) => this.#fillParts(target, blocks),
      );
    });
  }

  /** The root's `sendbuf` of size × n elements, n to each rank. At the root `recvbuf` may be IN_PLACE. */
  Scatter(
    sendbuf: TypedArray | null,
    recvbuf: TypedArray | InPlace,
    root: RootArgument = 0,
  ): void {
    this.Iscatter(sendbuf, recvbuf, root).wait();
  }
  Iscatter(
    sendbuf: TypedArray | null,
    recvbuf: TypedArray | InPlace,
    root: RootArgument = 0,
  ): Request<void> {
    return this.collective("scatter", () => {
      const rootRank = readRoot(root, this.size);
      if (this.rank !== rootRank)
        return this.#scatterv(null, readBuffer(recvbuf, "recvbuf"), rootRank);
      const source = readBuffer(sendbuf, "sendbuf");
      const n = evenPart(source, "sendbuf", this.size);
      const counts = Array.from({ length: this.size }, () => n);
      return this.#scatterv([source, counts], recvbuf, rootRank);
    });
  }

  /**
   * Like `Scatter`, with a count for each rank: the root passes `[sendbuf, counts, displacements]` in elements; without
   * displacements the parts follow each other.
   */
  Scatterv(
    sendbuf: ScattervSend | null,
    recvbuf: TypedArray | InPlace,
    root: RootArgument = 0,
  ): void {
    this.Iscatterv(sendbuf, recvbuf, root).wait();
  }
  Iscatterv(
    sendbuf: ScattervSend | null,
    recvbuf: TypedArray | InPlace,
    root: RootArgument = 0,
  ): Request<void> {
    return this.collective("scatter", () => {
      const rootRank = readRoot(root, this.size);
      const isRoot = this.rank === rootRank;
      return this.#scatterv(isRoot ? sendbuf : null, recvbuf, rootRank);
    });
  }

  /** Returns when the buffer has been taken over; it need not have arrived. */
  Send(buf: TypedArray, dest: number | SendOptions, tag = 0): void {
    this.Isend(buf, dest, tag).wait();
  }
  Isend(buf: TypedArray, dest: number | SendOptions, tag = 0): Request<null> {
    const message = readSend(dest, tag, this.size);
    const source = readBuffer(buf, "buf");
    if (message.dest === PROC_NULL) return this.done(null);
    const { shared, release } = this.share(source, { fill: true });
    return this.runtime.request(
      "send",
      {
        context: this.context,
        ...message,
        bytes: bytesOf(shared),
        dtype: dtypeOf(shared),
      },
      () => null,
      release,
    );
  }

  /**
   * The next buffer from `source` under `tag`, into `buf`, which may be longer than the message.
   *
   * @throws {TruncateError} the message is longer than `buf`
   * @throws {BufferTypeError} the sender's element type is another one
   */
  Recv(
    buf: TypedArray,
    source: number | ReceiveOptions = ANY_SOURCE,
    tag = ANY_TAG,
    status?: Status,
  ): void {
    this.Irecv(buf, source, tag, status).wait();
  }
  Irecv(
    buf: TypedArray,
    source: number | ReceiveOptions = ANY_SOURCE,
    tag = ANY_TAG,
    status?: Status,
  ): Request<null> {
    const target = readBuffer(buf, "buf");
    const wanted = readReceive(source, tag, status, this.size);
    if (wanted.source === PROC_NULL) {
      wanted.status.set({ source: PROC_NULL, tag: ANY_TAG }, 0);
      return this.done(null);
    }
    return this.runtime.request(
      "receive",
      { context: this.context, source: wanted.source, tag: wanted.tag },
      (received) => {
        fillFrom(received, target);
        wanted.status.set(
          received,
          received.bytes.byteLength / target.BYTES_PER_ELEMENT,
        );
        return null;
      },
    );
  }

  #scatterv(
    send: ScattervSend | null,
    recvbuf: TypedArray | InPlace,
    root: number,
  ): Request<void> {
    const parts = send && partsOf(send, this.size);
    const target = recvbuf === IN_PLACE ? null : readBuffer(recvbuf, "recvbuf");
    const own = parts?.[this.rank];
    if (own && target) assertAlike(own, target);
    assert(own || target, "a scatter off root needs a buffer");
    return this.runtime.request(
      "scatter",
      {
        context: this.context,
        blocks: parts && parts.map(exactBytes),
        dtype: dtypeOf(own ?? target),
        root,
      },
      (bytes) => {
        if (target) copyExactly(bytes, target);
      },
    );
  }

  /** What this rank contributes to a gather into `target`. */
  #ownPart(sendbuf: TypedArray | InPlace, target: TypedArray): TypedArray {
    const n = evenPart(target, "recvbuf", this.size);
    const part = target.subarray(this.rank * n, (this.rank + 1) * n);
    if (sendbuf === IN_PLACE) return part;
    const source = readBuffer(sendbuf, "sendbuf");
    assertAlike(source, part);
    return source;
  }

  #fillParts(target: TypedArray, blocks: readonly Uint8Array[]): void {
    const n = target.length / this.size;
    blocks.forEach((block, rank) =>
      copyExactly(block, target.subarray(rank * n, (rank + 1) * n)),
    );
  }
}
