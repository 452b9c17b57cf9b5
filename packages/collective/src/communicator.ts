import {
  bytesPerElement,
  type CallSignature,
  type Dtype,
  dtypeCode,
  dtypeFromCode,
  dtypeOf,
  errorToWire,
  type FrameHeader,
  type FrameKind,
  MismatchError,
  pack,
  TimeoutError,
  type TypedArray,
} from "@tsmpi/protocol";
import { type Collective, COLLECTIVES } from "./algorithm";
import type { CallInbox } from "./call-inbox";
import type { ContextMailbox, Mailbox } from "./mailbox";
import { ANY_SOURCE } from "./matching";
import type { PointToPoint } from "./point-to-point";
import {
  kernelFor,
  type ReduceOp,
  reduceOpCode,
  reduceOpFromCode,
} from "./reduce-ops";
import { type AlgorithmName, algorithmNamed } from "./registry";
import { selectAllreduce } from "./select";

/** What a communicator needs of the transport: a frame to a world rank. The payload may be written to again on return. */
export interface Sender {
  send(
    dest: number,
    frame: {
      readonly kind: FrameKind;
      readonly context: number;
      readonly tag: number;
      readonly call: CallSignature;
      readonly payload: Uint8Array;
    },
  ): Promise<void>;
}

export interface CommunicatorOptions {
  /** Which communicator: the same number on all its ranks, unique in the job. */
  readonly context: number;
  /** World rank of each rank of this communicator. */
  readonly group: readonly number[];
  /** This process's rank in the communicator. */
  readonly rank: number;
  readonly mailbox: Mailbox;
  readonly sender: Sender;
  readonly allreduce: "auto" | AlgorithmName<"allreduce">;
  /** A collective that has not ended by then raises on every rank. */
  readonly timeoutMs: number;
  /** After waiting this long, and again and again, a rank asks those it waits for whether they make the same call. Default 1 s. */
  readonly inquiryMs?: number;
}

export interface Received {
  readonly source: number;
  readonly tag: number;
  /** dtype of the sender's buffer; null for an encoded value. */
  readonly dtype: Dtype | null;
  readonly bytes: Uint8Array;
}

/**
 * A group of ranks whose messages mix with nobody else's. Numbers its collectives, chooses their algorithms, and sees to it
 * that a call which fails on one rank fails on all: nobody is left waiting. Works in bytes; runs on the communication thread.
 */
export class Communicator {
  readonly #options: CommunicatorOptions;
  readonly #mailbox: ContextMailbox;
  #nextCall = 0;

  constructor(options: CommunicatorOptions) {
    this.#options = options;
    this.#mailbox = options.mailbox.context(options.context);
    this.#mailbox.onLateMismatch = ({ source, tag, call }, error) =>
      void this.#tell([source], call, tag, error);
  }

  get rank(): number {
    return this.#options.rank;
  }
  get size(): number {
    return this.#options.group.length;
  }

  /** Reduces in place, on every rank. */
  allreduce(buffer: TypedArray, op: ReduceOp): Promise<void> {
    const { name } = selectAllreduce({
      bytes: buffer.byteLength,
      wanted: this.#options.allreduce,
    });
    return this.#collective(
      signature("allreduce", { ...elementsOf(buffer), op }),
      (channel) =>
        algorithmNamed("allreduce", name).run(
          channel,
          buffer,
          kernelFor(op, dtypeOf(buffer)!),
        ),
    );
  }

  /** Reduces in place at the root; elsewhere `buffer` is scratch afterwards. */
  reduce(buffer: TypedArray, op: ReduceOp, root: number): Promise<void> {
    return this.#collective(
      signature("reduce", { ...elementsOf(buffer), op, root }),
      (channel) =>
        algorithmNamed("reduce", "binomial").run(
          channel,
          buffer,
          kernelFor(op, dtypeOf(buffer)!),
          root,
        ),
    );
  }

  /** The root's bytes, everywhere. `elements` says what a buffer's bytes are; a value's need nothing. */
  bcast(
    bytes: Uint8Array | null,
    root: number,
    elements: { readonly dtype: Dtype; readonly count: number } | null = null,
  ): Promise<Uint8Array> {
    return this.#collective(
      signature("bcast", { ...elements, root }),
      (channel) =>
        algorithmNamed("bcast", "binomial").run(channel, bytes, root),
    );
  }

  /** Every rank's bytes in rank order at the root, null elsewhere. `as`: the user's call that this serves, for mismatches. */
  gather(
    bytes: Uint8Array,
    {
      root,
      dtype = null,
      as = "gather",
    }: {
      readonly root: number;
      readonly dtype?: Dtype | null;
      readonly as?: Collective;
    },
  ): Promise<Uint8Array[] | null> {
    return this.#collective(signature(as, { dtype, root }), (channel) =>
      algorithmNamed("gather", "linear").run(channel, bytes, root),
    );
  }

  /** This rank's block of the root's list. */
  scatter(
    blocks: readonly Uint8Array[] | null,
    { root, dtype = null }: { root: number; dtype?: Dtype | null },
  ): Promise<Uint8Array> {
    return this.#collective(signature("scatter", { dtype, root }), (channel) =>
      algorithmNamed("scatter", "linear").run(channel, blocks, root),
    );
  }

  /** Every rank's bytes in rank order, everywhere. `as`: the user's call that this serves, for mismatches. */
  allgather(
    bytes: Uint8Array,
    {
      dtype = null,
      as = "allgather",
    }: {
      readonly dtype?: Dtype | null;
      readonly as?: Collective;
    } = {},
  ): Promise<Uint8Array[]> {
    return this.#collective(signature(as, { dtype }), (channel) =>
      algorithmNamed("allgather", "ring").run(channel, bytes),
    );
  }

  barrier(): Promise<void> {
    return this.#collective(signature("barrier", {}), (channel) =>
      algorithmNamed("barrier", "dissemination").run(channel),
    );
  }

  /** Takes part in the next collective only to make it fail, on every rank: this rank's arguments are wrong. */
  refuse(collective: Collective, error: Error): Promise<never> {
    return this.#collective(signature(collective, {}), () => {
      throw error;
    });
  }

  /** `dtype`: what the bytes are elements of; null for an encoded value. */
  async send(
    dest: number,
    tag: number,
    bytes: Uint8Array,
    dtype: Dtype | null = null,
  ): Promise<void> {
    const { context, group, sender } = this.#options;
    await sender.send(group[dest]!, {
      kind: "point-to-point",
      context,
      tag,
      call: {
        collective: 0,
        dtype: dtypeCode(dtype),
        op: 0,
        root: null,
        count: dtype === null ? 1 : bytes.byteLength / bytesPerElement(dtype),
      },
      payload: bytes,
    });
  }

  /** `source` may be ANY_SOURCE, `tag` ANY_TAG. */
  async receive(source: number, tag: number): Promise<Received> {
    const { group } = this.#options;
    const { header, payload } = await this.#mailbox.matching.receive({
      source: source === ANY_SOURCE ? ANY_SOURCE : group[source]!,
      tag,
    });
    return {
      source: group.indexOf(header.source),
      tag: header.tag,
      dtype: dtypeFromCode(header.call.dtype),
      bytes: payload,
    };
  }

  async #collective<Result>(
    call: CallSignature,
    body: (channel: PointToPoint) => Promise<Result>,
  ): Promise<Result> {
    const { group, rank, timeoutMs, inquiryMs = 1_000 } = this.#options;
    const number = this.#nextCall++;
    const compare = (theirs: FrameHeader) => this.#mismatch(call, theirs);
    const inbox = this.#mailbox.begin(number, compare);
    const timeout = setTimeout(
      () => inbox.fail(this.#timeout(call, number, inbox)),
      timeoutMs,
    );
    const inquiry = setInterval(
      () => this.#inquire(call, number, inbox),
      inquiryMs,
    );
    try {
      const result = await body(
        new Channel(this.#options, { call, number, inbox }),
      );
      if (inbox.failure) throw inbox.failure;
      this.#mailbox.end(number, compare);
      return result;
    } catch (error) {
      this.#mailbox.end(number, null);
      const peers = group.filter((_, peer) => peer !== rank);
      await this.#tell(peers, call, number, error);
      throw error;
    } finally {
      clearTimeout(timeout);
      clearInterval(inquiry);
    }
  }

  /** Asks whoever we wait for. A rank that makes another call answers with an error; one that makes ours says nothing. */
  #inquire(call: CallSignature, number: number, inbox: CallInbox): void {
    const { context, sender } = this.#options;
    const question = {
      kind: "collective-inquiry",
      context,
      tag: number,
      call,
      payload: new Uint8Array(0),
    } as const;
    for (const source of inbox.awaited)
      sender
        .send(source, question)
        .catch((error: Error) => inbox.failSource(source, error));
  }

  /** Whoever of these world ranks still waits in this call gets the error too. */
  async #tell(
    peers: readonly number[],
    call: CallSignature,
    number: number,
    error: unknown,
  ): Promise<void> {
    const { context, sender } = this.#options;
    const message = {
      kind: "collective-error",
      context,
      tag: number,
      call,
      payload: pack(errorToWire(error)),
    } as const;
    await Promise.allSettled(peers.map((dest) => sender.send(dest, message)));
  }

  #mismatch(call: CallSignature, theirs: FrameHeader): MismatchError | null {
    if (isSameCall(call, theirs.call)) return null;
    const { group, rank } = this.#options;
    return new MismatchError(
      `collective #${theirs.tag}: rank ${rank} calls ${describeCall(call)}, rank ${group.indexOf(theirs.source)} calls ${describeCall(theirs.call)}; every rank must make the same calls in the same order`,
    );
  }

  #timeout(
    call: CallSignature,
    number: number,
    inbox: CallInbox,
  ): TimeoutError {
    const { group, rank, timeoutMs } = this.#options;
    const awaited = inbox.awaited.map((world) => group.indexOf(world));
    return new TimeoutError(
      `[rank ${rank}] ${describeCall(call)} #${number} did not end within ${timeoutMs / 1000} s: rank ${rank} waits for rank ${awaited.join(", ")}`,
    );
  }
}

/** One call's messages: `PointToPoint` over the mailbox and the transport. */
class Channel implements PointToPoint {
  readonly rank: number;
  readonly size: number;
  readonly #options: CommunicatorOptions;
  readonly #call: {
    readonly call: CallSignature;
    readonly number: number;
    readonly inbox: CallInbox;
  };

  constructor(
    options: CommunicatorOptions,
    call: {
      readonly call: CallSignature;
      readonly number: number;
      readonly inbox: CallInbox;
    },
  ) {
    this.rank = options.rank;
    this.size = options.group.length;
    this.#options = options;
    this.#call = call;
  }

  send(dest: number, bytes: Uint8Array): Promise<void> {
    const { context, group, sender } = this.#options;
    return sender.send(group[dest]!, {
      kind: "collective",
      context,
      tag: this.#call.number,
      call: this.#call.call,
      payload: bytes,
    });
  }

  async receive(source: number): Promise<Uint8Array> {
    const { payload } = await this.#call.inbox.receive(
      this.#options.group[source]!,
    );
    return payload;
  }
}

const isSameCall = (a: CallSignature, b: CallSignature): boolean =>
  a.collective === b.collective &&
  a.dtype === b.dtype &&
  a.op === b.op &&
  a.root === b.root &&
  a.count === b.count;

/** Counts that may differ from rank to rank are not compared. */
const COUNTS_DIFFER = -1;

function signature(
  collective: Collective,
  {
    dtype = null,
    count = COUNTS_DIFFER,
    op = null,
    root = null,
  }: {
    readonly dtype?: Dtype | null;
    readonly count?: number;
    readonly op?: ReduceOp | null;
    readonly root?: number | null;
  },
): CallSignature {
  return {
    collective: COLLECTIVES[collective],
    dtype: dtypeCode(dtype),
    op: op === null ? 0 : reduceOpCode(op),
    root,
    count,
  };
}

const elementsOf = (buffer: TypedArray) => ({
  dtype: dtypeOf(buffer)!,
  count: buffer.length,
});

/** `allreduce(float32 × 1000, SUM)`, for people. */
function describeCall({
  collective,
  dtype,
  op,
  root,
  count,
}: CallSignature): string {
  const name =
    Object.entries(COLLECTIVES).find(([, code]) => code === collective)?.[0] ??
    `collective ${collective}`;
  const element = dtypeFromCode(dtype);
  const details = [
    element && (count === COUNTS_DIFFER ? element : `${element} × ${count}`),
    reduceOpFromCode(op),
    root !== null && `root ${root}`,
  ].filter(Boolean);
  return `${name}(${details.join(", ")})`;
}
