import {
  bytesPerElement,
  type CallSignature,
  type Dtype,
  dtypeCode,
  dtypeFromCode,
  dtypeOf,
  type TypedArray,
} from "@tsmpi/protocol";
import type { Collective } from "./algorithm";
import { elementsOf, signature } from "./call-signature";
import { type CallOptions, CollectiveCall, tellError } from "./collective-call";
import type { ContextMailbox, Mailbox } from "./mailbox";
import { ANY_SOURCE } from "./matching";
import type { PointToPoint } from "./point-to-point";
import { kernelFor, type ReduceOp } from "./reduce-ops";
import { type AlgorithmName, algorithmNamed } from "./registry";
import { selectAllreduce } from "./select";

export interface CommunicatorOptions extends CallOptions {
  readonly mailbox: Mailbox;
  readonly allreduce: "auto" | AlgorithmName<"allreduce">;
}

/** The user's call that a gather serves, if it is another one: ranks compare it. */
export interface UserCall {
  readonly collective: Collective;
  /** Of a reduction that the ranks make of the gathered values themselves. */
  readonly op?: ReduceOp | null;
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
      void tellError(options, { dests: [source], number: tag, call, error });
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

  /** Every rank's bytes in rank order at the root, null elsewhere. */
  gather(
    bytes: Uint8Array,
    {
      root,
      dtype = null,
      as = { collective: "gather" },
    }: {
      readonly root: number;
      readonly dtype?: Dtype | null;
      readonly as?: UserCall;
    },
  ): Promise<Uint8Array[] | null> {
    return this.#collective(
      signature(as.collective, { dtype, root, op: as.op }),
      (channel) => algorithmNamed("gather", "linear").run(channel, bytes, root),
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

  /** Every rank's bytes in rank order, everywhere. */
  allgather(
    bytes: Uint8Array,
    {
      dtype = null,
      as = { collective: "allgather" },
    }: {
      readonly dtype?: Dtype | null;
      readonly as?: UserCall;
    } = {},
  ): Promise<Uint8Array[]> {
    return this.#collective(
      signature(as.collective, { dtype, op: as.op }),
      (channel) => algorithmNamed("allgather", "ring").run(channel, bytes),
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

  #collective<Result>(
    call: CallSignature,
    body: (channel: PointToPoint) => Promise<Result>,
  ): Promise<Result> {
    const number = this.#nextCall++;
    const mailbox = this.#mailbox;
    return new CollectiveCall(this.#options, { call, number, mailbox }).run(
      body,
    );
  }
}
