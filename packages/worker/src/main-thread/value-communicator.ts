import type { Received, UserCall } from "@tsmpi/collective";
import { BufferTypeError, decodeValue, encodeValue } from "@tsmpi/protocol";
import {
  readList,
  readReceive,
  readRoot,
  readSend,
  type ReceiveOptions,
  type RootArgument,
  type SendOptions,
} from "./arguments";
import { CommunicatorBase } from "./communicator-base";
import { ANY_SOURCE, ANY_TAG, PROC_NULL } from "./constants";
import { Op, fold, nameOfOp, type ValueOp, type Widened } from "./op";
import type { Request } from "./request";
import type { Status } from "./status";

const SUM = new Op("SUM");

/**
 * The lower-case calls: any value that can be sent (see `encodeValue`). Each has a non-blocking twin with `i` in front, which
 * checks its arguments at once and returns a `Request`. Names and meaning are mpi4py's.
 */
export abstract class ValueCommunicator extends CommunicatorBase {
  /** The root's value, everywhere; the root gets a copy. */
  bcast<T>(obj: T, root: RootArgument = 0): T {
    return this.ibcast(obj, root).wait();
  }
  ibcast<T>(obj: T, root: RootArgument = 0): Request<T> {
    return this.collective("bcast", () => {
      const rootRank = readRoot(root, this.size);
      const own = this.rank === rootRank ? encoded(obj) : null;
      return this.runtime.request(
        "bcast",
        { context: this.context, bytes: own, buffer: null, root: rootRank },
        (bytes) => decodeValue(own ?? bytes!) as T,
      );
    });
  }

  /** The root's `sendobj[rank]`; the list must have one item a rank, or the call fails on every rank. Others pass null. */
  scatter<T>(sendobj: readonly T[] | null = null, root: RootArgument = 0): T {
    return this.iscatter(sendobj, root).wait();
  }
  iscatter<T>(
    sendobj: readonly T[] | null = null,
    root: RootArgument = 0,
  ): Request<T> {
    return this.collective("scatter", () => {
      const rootRank = readRoot(root, this.size);
      const blocks =
        this.rank === rootRank
          ? readList(sendobj, this.size).map((item) => encoded(item))
          : null;
      return this.runtime.request(
        "scatter",
        { context: this.context, blocks, dtype: null, root: rootRank },
        (bytes) => decodeValue(bytes) as T,
      );
    });
  }

  /** Every rank's value in rank order at the root, null elsewhere. */
  gather<T>(sendobj: T, root: RootArgument = 0): T[] | null {
    return this.igather(sendobj, root).wait();
  }
  igather<T>(sendobj: T, root: RootArgument = 0): Request<T[] | null> {
    return this.collective("gather", () =>
      this.#gather(
        { collective: "gather" },
        sendobj,
        root,
        (values: T[]) => values,
      ),
    );
  }

  /** Every rank's value in rank order, everywhere. */
  allgather<T>(sendobj: T): T[] {
    return this.iallgather(sendobj).wait();
  }
  iallgather<T>(sendobj: T): Request<T[]> {
    return this.collective("allgather", () =>
      this.#allgather(
        { collective: "allgather" },
        sendobj,
        (values: T[]) => values,
      ),
    );
  }

  /** `op` over every rank's value, in rank order, at the root; null elsewhere. */
  reduce<T>(
    sendobj: T,
    op: ValueOp<Widened<T>> = SUM,
    root: RootArgument = 0,
  ): Widened<T> | null {
    return this.ireduce(sendobj, op, root).wait();
  }
  ireduce<T>(
    sendobj: T,
    op: ValueOp<Widened<T>> = SUM,
    root: RootArgument = 0,
  ): Request<Widened<T> | null> {
    return this.collective("reduce", () => {
      const as = { collective: "reduce", op: nameOfOp(op) } as const;
      return this.#gather(
        as,
        sendobj as Widened<T>,
        root,
        (values: Widened<T>[]) => fold(values, op),
      );
    });
  }

  /** `op` over every rank's value, in rank order, everywhere. */
  allreduce<T>(sendobj: T, op: ValueOp<Widened<T>> = SUM): Widened<T> {
    return this.iallreduce(sendobj, op).wait();
  }
  iallreduce<T>(
    sendobj: T,
    op: ValueOp<Widened<T>> = SUM,
  ): Request<Widened<T>> {
    return this.collective("allreduce", () => {
      const as = { collective: "allreduce", op: nameOfOp(op) } as const;
      return this.#allgather(
        as,
        sendobj as Widened<T>,
        (values: Widened<T>[]) => fold(values, op),
      );
    });
  }

  /** Returns nowhere before it was called everywhere. */
  barrier(): void {
    this.ibarrier().wait();
  }
  ibarrier(): Request<void> {
    return this.runtime.request(
      "barrier",
      { context: this.context },
      () => undefined,
    );
  }

  /** Returns when the value has been taken over; it need not have arrived. */
  send(obj: unknown, dest: number | SendOptions, tag = 0): void {
    this.isend(obj, dest, tag).wait();
  }
  isend(obj: unknown, dest: number | SendOptions, tag = 0): Request<null> {
    const message = readSend(dest, tag, this.size);
    if (message.dest === PROC_NULL) return this.done(null);
    return this.runtime.request(
      "send",
      { context: this.context, ...message, bytes: encoded(obj), dtype: null },
      () => null,
    );
  }

  /** The next value from `source` under `tag`. Blocks until there is one, or until that rank is gone. */
  recv<T = unknown>(
    source: number | ReceiveOptions = ANY_SOURCE,
    tag = ANY_TAG,
    status?: Status,
  ): T {
    return this.#receive<T>(source, tag, status).wait();
  }
  irecv<T = unknown>(
    source: number | ReceiveOptions = ANY_SOURCE,
    tag = ANY_TAG,
  ): Request<T> {
    return this.#receive<T>(source, tag, undefined);
  }

  /** Sends and receives at once, so that two ranks can do it to each other. */
  sendrecv<T = unknown>(
    sendobj: unknown,
    dest: number,
    sendtag = 0,
    source = ANY_SOURCE,
    recvtag = ANY_TAG,
    status?: Status,
  ): T {
    const received = this.#receive<T>(source, recvtag, status);
    this.send(sendobj, dest, sendtag);
    return received.wait();
  }

  #receive<T>(
    source: number | ReceiveOptions,
    tag: number,
    status: Status | undefined,
  ): Request<T> {
    const wanted = readReceive(source, tag, status, this.size);
    if (wanted.source === PROC_NULL) {
      wanted.status.set({ source: PROC_NULL, tag: ANY_TAG }, 0);
      return this.done(null as T);
    }
    return this.runtime.request(
      "receive",
      { context: this.context, source: wanted.source, tag: wanted.tag },
      (received: Received) => {
        if (received.dtype !== null)
          throw new BufferTypeError(
            `rank ${received.source} sent a ${received.dtype} buffer with Send; receive it with Recv`,
          );
        wanted.status.set(received, received.bytes.byteLength);
        return decodeValue(received.bytes) as T;
      },
    );
  }

  #gather<T, R>(
    as: UserCall,
    value: T,
    root: RootArgument,
    finish: (values: T[]) => R,
  ): Request<R | null> {
    return this.runtime.request(
      "gather",
      {
        context: this.context,
        bytes: encoded(value),
        dtype: null,
        root: readRoot(root, this.size),
        as,
      },
      (blocks) => blocks && finish(blocks.map(decodeValue) as T[]),
    );
  }

  #allgather<T, R>(
    as: UserCall,
    value: T,
    finish: (values: T[]) => R,
  ): Request<R> {
    return this.runtime.request(
      "allgather",
      { context: this.context, bytes: encoded(value), dtype: null, as },
      (blocks) => finish(blocks.map(decodeValue) as T[]),
    );
  }
}

/** Without the rest of the encoder's buffer, which would cross to the other thread with it. */
const encoded = (value: unknown): Uint8Array =>
  Uint8Array.from(encodeValue(value));
