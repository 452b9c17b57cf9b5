import { bytesPerElement, type Dtype, type TypedArray } from "@tsmpi/protocol";
import type { Reduce } from "./algorithm";
import { encodeAnswer } from "./answer";
import type { CallDescription } from "./call-signature";
import {
  type AboutCall,
  type CallOptions,
  CollectiveCall,
} from "./collective-call";
import { allreduceHierarchical } from "./algorithms/allreduce-hierarchical";
import { hasGroups } from "./select";
import {
  acrossCompressed,
  allreduceCompressed,
} from "./compression/allreduce-compressed";
import {
  asFloat32,
  assertCompressible,
} from "./compression/assert-compressible";
import { compressorFor } from "./compression/compressor";
import type { Compression } from "./compression/registry";
import type { Wanted } from "./registry";
import { Lookout } from "./lookout";
import { WatchedCalls } from "./watched-calls";
import type { ContextMailbox, Mailbox } from "./mailbox";
import { averageOver, type Kernel, kernelFor } from "./reduce-kernels";
import { commutes, isAverage, itemLength, type ReduceOp } from "./reduce-ops";
import { type Forced, type Run, runOf } from "./choose";
import type { Hosts } from "./hosts";

export interface CommunicatorOptions extends CallOptions {
  readonly mailbox: Mailbox;
  /** Algorithms that the user forces, by collective. */
  readonly forced: Forced;
  /** Where its ranks run; null, or left out: all on one host. */
  readonly hosts?: () => Hosts | null;
  /** What reduces; default `kernelFor`. */
  readonly kernels?: (op: ReduceOp, dtype: Dtype) => Kernel;
  /** Whether this rank is in the call with this number, which it makes in shared memory. */
  readonly isInSegment?: (number: number) => boolean;
  /** The next calls are not to be made in shared memory: there is an error to be raised. */
  readonly onDispute?: () => void;
}

/** A neighbour exchange: block i goes to the i-th destination. */
export interface Neighbors {
  readonly blocks: readonly Uint8Array[];
  readonly destinations: readonly number[];
  /** A rank that is named several times is received from as often, in this order. */
  readonly sources: readonly number[];
}

/**
 * A group of ranks whose messages mix with nobody else's. Numbers its collectives, chooses their algorithms, and sees to it
 * that a call which fails on one rank fails on all: nobody is left waiting. Works in bytes; runs on the communication thread.
 *
 * `call` is what this rank says of its call: every rank must say the same. `finish` makes the result of what has arrived, and is
 * part of the call: if it throws, the call fails everywhere.
 */
export class Communicator {
  readonly #options: CommunicatorOptions;
  readonly #mailbox: ContextMailbox;
  #nextCall = 0;
  readonly #watched: WatchedCalls;
  readonly #lookout = new Lookout();
  #callsUnderWay = 0;
  #onIdle: (() => void) | null = null;
  /** The last algorithm that was chosen, and for what: it is mostly the same call again. */
  #chosen: Chosen | null = null;

  constructor(options: CommunicatorOptions) {
    this.#options = options;
    const { activity, context, mailbox, sender } = options;
    this.#mailbox = mailbox.context(context);
    this.#watched = new WatchedCalls(this.#mailbox);
    this.#mailbox.onDispute = () => options.onDispute?.();
    this.#mailbox.onEarlyInquiry = ({ source, tag, call }) =>
      void sender
        .send(source, {
          kind: "collective-answer",
          context,
          tag,
          call,
          payload: encodeAnswer(
            options.isInSegment?.(tag)
              ? { isThere: true, text: "is in the call too" }
              : {
                  isThere: false,
                  text: activity?.describe() ?? "is computing",
                },
          ),
        })
        // It has gone meanwhile: it needs no answer.
        .catch(() => {});
  }

  get rank(): number {
    return this.#options.rank;
  }
  get size(): number {
    return this.group.length;
  }
  /** World rank of each rank. */
  get group(): readonly number[] {
    return this.#options.group;
  }

  /** Reduces in place, on every rank. */
  allreduce(
    call: ReduceCall,
    buffer: TypedArray,
    about?: AboutCall,
    { compressed = null, algorithm = null }: Manner = {},
  ): Promise<void> {
    if (compressed !== null)
      return this.#allreduceCompressed(call, buffer, about, compressed);
    const forced = algorithm && { allreduce: algorithm };
    const run = this.#algorithm("allreduce", call, buffer.byteLength, forced);
    return this.#collective(call, about, async (channel) => {
      await run(channel, buffer, this.#reduceOf(call));
      if (isAverage(call.op)) await divideBy(channel, call, buffer, this.size);
    });
  }

  #allreduceCompressed(
    call: ReduceCall,
    buffer: TypedArray,
    about: AboutCall | undefined,
    { compression, residual }: Compressed,
  ): Promise<void> {
    // Ranks that differ in it do not make the same call.
    const described = { ...call, rest: { compression } };
    return this.#collective(described, about, async (channel) => {
      assertCompressible(compression, call);
      const values = asFloat32(buffer);
      const how = { compressor: compressorFor(compression), residual };
      const hosts = this.#options.hosts?.();
      await (hosts && hasGroups(hosts.ranks)
        ? allreduceHierarchical.run(
            ...([channel, values, this.#reduceOf(call), hosts] as const),
            acrossCompressed(values, how),
          )
        : allreduceCompressed(channel, values, how));
      await divideBy(channel, call, buffer, this.size);
    });
  }

  /** Reduces in place at the root; elsewhere `buffer` is scratch afterwards. */
  reduce(
    call: ReduceCall & Rooted,
    buffer: TypedArray,
    about?: AboutCall,
  ): Promise<void> {
    const run = this.#algorithm("reduce", call, buffer.byteLength);
    return this.#collective(call, about, async (channel) => {
      await run(channel, buffer, this.#reduceOf(call), call.root);
      if (this.rank === call.root)
        await divideBy(channel, call, buffer, this.size);
    });
  }

  /**
   * Leaves this rank's block of the reduction at its place in `buffer`; the rest is scratch.
   *
   * @param counts elements of each rank's block
   */
  reduceScatter(
    call: ReduceCall,
    buffer: TypedArray,
    counts: readonly number[],
    about?: AboutCall,
  ): Promise<void> {
    const run = this.#algorithm("reduceScatter", call, buffer.byteLength);
    return this.#collective(call, about, async (channel) => {
      await run(channel, buffer, counts, this.#reduceOf(call));
      await divideBy(channel, call, buffer, this.size);
    });
  }

  /** Leaves the reduction over all ranks up to this one in `buffer`. */
  scan(call: ReduceCall, buffer: TypedArray, about?: AboutCall): Promise<void> {
    const run = this.#algorithm("scan", call, buffer.byteLength);
    return this.#collective(call, about, async (channel) => {
      await run(channel, buffer, this.#reduceOf(call));
      await divideBy(channel, call, buffer, this.rank + 1);
    });
  }

  /** Leaves the reduction over all ranks below this one in `buffer`; rank 0's stays as it was. */
  exscan(
    call: ReduceCall,
    buffer: TypedArray,
    about?: AboutCall,
  ): Promise<void> {
    const run = this.#algorithm("exscan", call, buffer.byteLength);
    return this.#collective(call, about, async (channel) => {
      await run(channel, buffer, this.#reduceOf(call));
      if (this.rank > 0) await divideBy(channel, call, buffer, this.rank);
    });
  }

  /** The root's bytes, everywhere. */
  bcast<Result>(
    call: CallDescription & Rooted,
    bytes: Uint8Array | null,
    about: AboutCall | undefined,
    finish: (received: Uint8Array) => Result,
  ): Promise<Result> {
    const run = this.#algorithm("bcast", call, bytesIn(call));
    return this.#collective(call, about, async (channel) =>
      finish(await run(channel, bytes, call.root)),
    );
  }

  /** Every rank's bytes in rank order at the root, null elsewhere. */
  gather<Result>(
    call: CallDescription & Rooted,
    bytes: Uint8Array,
    about: AboutCall | undefined,
    finish: (received: Uint8Array[] | null) => Result,
  ): Promise<Result> {
    const run = this.#algorithm("gather", call, bytesIn(call));
    return this.#collective(call, about, async (channel) =>
      finish(await run(channel, bytes, call.root)),
    );
  }

  /** This rank's block of the root's list. */
  scatter<Result>(
    call: CallDescription & Rooted,
    blocks: readonly Uint8Array[] | null,
    about: AboutCall | undefined,
    finish: (received: Uint8Array) => Result,
  ): Promise<Result> {
    const run = this.#algorithm("scatter", call, bytesIn(call));
    return this.#collective(call, about, async (channel) =>
      finish(await run(channel, blocks, call.root)),
    );
  }

  /** Every rank's bytes in rank order, everywhere. */
  allgather<Result>(
    call: CallDescription,
    bytes: Uint8Array,
    about: AboutCall | undefined,
    finish: (received: Uint8Array[]) => Result,
  ): Promise<Result> {
    const run = this.#algorithm("allgather", call, bytesIn(call));
    return this.#collective(call, about, async (channel) =>
      finish(await run(channel, bytes)),
    );
  }

  /** Block r goes to rank r; block r of the result came from rank r. */
  alltoall<Result>(
    call: CallDescription,
    blocks: readonly Uint8Array[],
    about: AboutCall | undefined,
    finish: (received: Uint8Array[]) => Result,
  ): Promise<Result> {
    const run = this.#algorithm("alltoall", call, bytesIn(call));
    return this.#collective(call, about, async (channel) =>
      finish(await run(channel, blocks)),
    );
  }

  barrier(call: CallDescription, about?: AboutCall): Promise<void> {
    const run = this.#algorithm("barrier", call, 0);
    return this.#collective(call, about, (channel) => run(channel));
  }

  /** A block from each source, in their order. */
  exchange<Result>(
    call: CallDescription,
    { blocks, destinations, sources }: Neighbors,
    about: AboutCall | undefined,
    finish: (received: Uint8Array[]) => Result,
  ): Promise<Result> {
    return this.#collective(call, about, async (channel) => {
      const received = sources.map((source) => channel.receive(source));
      const sent = destinations.map((dest, i) =>
        channel.send(dest, blocks[i]!),
      );
      const [all] = await Promise.all([
        Promise.all(received),
        Promise.all(sent),
      ]);
      return finish(all);
    });
  }

  /** Takes part in the next collective only to make it fail, on every rank: this rank's arguments are wrong. */
  refuse(
    call: CallDescription,
    error: Error,
    about?: AboutCall,
  ): Promise<never> {
    return this.#collective(call, { ...about, refuses: true }, () => {
      throw error;
    });
  }

  /** The kernel is looked up within the call: it fails everywhere, if the op is not defined. */
  #reduceOf({ op, dtype }: ReduceCall): Reduce {
    const { kernels = kernelFor } = this.#options;
    let kernel: Kernel | null = null;
    return Object.assign(
      (target: TypedArray, lower: TypedArray, higher: TypedArray) =>
        (kernel ??= kernels(op, dtype))(target, lower, higher),
      { unit: itemLength(op) },
    );
  }

  #algorithm<Which extends keyof Run>(
    collective: Which,
    call: CallDescription,
    bytes: number | null,
    forced: Forced | null = null,
  ): Run[Which] {
    const needsRankOrder = isBuiltIn(call.op) && !commutes(call.op);
    const hosts = this.#options.hosts?.() ?? undefined;
    const last = this.#chosen;
    if (
      last?.collective === collective &&
      last.bytes === bytes &&
      last.needsRankOrder === needsRankOrder &&
      last.hosts === hosts &&
      forced === null
    )
      return last.run as Run[Which];
    const run = runOf(collective, {
      size: this.size,
      bytes,
      needsRankOrder,
      forced: { ...this.#options.forced, ...forced },
      hosts,
    });
    if (forced === null)
      this.#chosen = { collective, bytes, needsRankOrder, hosts, run };
    return run;
  }

  /**
   * Looks after a call that this rank makes in shared memory: whoever is late is asked and named, and what fails elsewhere fails
   * here. Resolves when `endWatch` is called, or the same call is made here.
   */
  watch(call: CallDescription, about: AboutCall): Promise<void> {
    return this.#watched.begin(about.number!, (body) =>
      this.#run(call, about, body),
    );
  }
  /** @param isMade it has ended well: what the watch is told still, or has been told just now, a later call raises */
  endWatch(number: number, isMade: boolean): void {
    this.#watched.end(number, isMade);
  }

  #collective<Result>(
    call: CallDescription,
    about: AboutCall | undefined,
    body: (channel: CollectiveCall) => Promise<Result>,
  ): Promise<Result> {
    const number = about?.number ?? this.#nextCall;
    return this.#watched.proceed(number, body) ?? this.#run(call, about, body);
  }

  #run<Result>(
    call: CallDescription,
    about: AboutCall | undefined,
    body: (channel: CollectiveCall) => Promise<Result>,
  ): Promise<Result> {
    const number = about?.number ?? this.#nextCall;
    this.#nextCall = number + 1;
    this.#watched.clear();
    const mailbox = this.#mailbox;
    const lookout = this.#lookout;
    const made = { call, number, mailbox, lookout, about };
    const one = new CollectiveCall(this.#options, made);
    this.#callsUnderWay++;
    return one.run(body, this.#onEnd);
  }

  readonly #onEnd = (): void => {
    if (--this.#callsUnderWay === 0) this.#onIdle?.();
  };

  /** Resolves when no call is under way; none is made any more. */
  async idle(): Promise<void> {
    if (this.#callsUnderWay > 0)
      await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }
}

interface Chosen {
  readonly collective: keyof Run;
  readonly bytes: number | null;
  readonly needsRankOrder: boolean;
  readonly hosts: Hosts | undefined;
  readonly run: Run[keyof Run];
}

/** How the values of an all-reduce go over the wire. */
export interface Compressed {
  readonly compression: Compression;
  /** Of this rank, as long as the buffer: what earlier calls have left out, sent along with this one. */
  readonly residual: Float32Array | null;
}

/** How one all-reduce is made, where that is not left to its communicator. */
export interface Manner {
  readonly compressed?: Compressed | null;
  readonly algorithm?: Wanted<"allreduce"> | null;
}

/** A call that reduces buffers. */
export type ReduceCall = CallDescription &
  Required<Pick<CallDescription, "count">> & {
    readonly op: ReduceOp;
    readonly dtype: NonNullable<CallDescription["dtype"]>;
  };
/** A call with a root. */
export interface Rooted {
  readonly root: number;
}

const isBuiltIn = (op: CallDescription["op"]): op is ReduceOp =>
  op !== undefined && op !== null && op !== "user";

/** An average is a sum until here. */
async function divideBy(
  channel: CollectiveCall,
  { op, dtype }: ReduceCall,
  buffer: TypedArray,
  ranks: number,
): Promise<void> {
  if (!isAverage(op)) return;
  await channel.takeBack();
  averageOver(ranks, buffer, dtype);
}

/** Of each rank's buffer or block, where all ranks agree on it; null: only this rank knows its own. */
const bytesIn = ({ count = -1, dtype }: CallDescription): number | null =>
  count < 0 || !dtype ? null : count * bytesPerElement(dtype);
