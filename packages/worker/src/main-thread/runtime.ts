import { join } from "node:path";
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from "node:worker_threads";
import {
  type Forced,
  type MessageEndpoint,
  Operation,
  SegmentKernels,
  wantedNamed,
} from "@tsmpi/collective";
import {
  bytesOf,
  decodeValue,
  type Dtype,
  encodeValue,
  errorFromWire,
  errorToWire,
  FinalizedError,
  InternalError,
  type RankAddress,
  type RankEnvironment,
  type TypedArray,
  viewAs,
} from "@tsmpi/protocol";
import { Arena } from "../bridge/arena";
import { shareMemory } from "./segment/open-segment";
import { arenaBytesOf, type Offer, offerShare } from "./segment/share-offer";
import type { Segment } from "./segment/segment";
import type { SegmentCommunicator } from "./segment/segment-communicator";
import {
  bufferOf,
  type CallMessage,
  type CallName,
  type Calls,
  type CommunicationThreadData,
  entryOf,
  LOOK,
  partsOf,
  SETUP_CONTEXT,
  type ReplyMessage,
} from "../bridge/calls";
import { Doorbell } from "../bridge/doorbell";
import { asPlainCall } from "../bridge/plain-calls";
import { Ring, ringMemory } from "../bridge/ring";
import { THREAD_LIMITS } from "../thread-limits";
import { CallSites } from "./call-sites";
import { CommunicatorNumbers } from "./communicator-numbers";
import { MessageLine } from "./message-line";
import type { Pending } from "./pending";
import { type Begun, Request } from "./request";
import { assertOutsideUserOp } from "./user-op-guard";

/** No wait is longer, so that a broken communication thread is always noticed. */
const TURN_MS = 1_000;

/** How long a poll that has found nothing rests, unless something comes. */
const REST_MS = 0.05;

/** How long a failing program may take to tell the others; the launcher ends them anyway. */
const FAIL_MS = 1_000;

/** The main thread's end of the bridge: starts the communication thread, sends it calls, blocks for their outcome or does not. */
export class Runtime {
  readonly environment: RankEnvironment;
  /** Algorithms that the environment asks for. */
  readonly forced: Forced;
  readonly arena: Arena;
  /** Of the arena. */
  readonly kernels: SegmentKernels;
  readonly #bell = new Doorbell();
  readonly #port: MessagePort;
  readonly #line: MessageLine;
  readonly #calls = new Map<number, Operation>();
  /** What calls under way work on: the program may have let go of it. */
  readonly #held = new Map<number, unknown>();
  /** Of views in the arena, the ordinary arrays whose pages these are: as long as one is there, so is the other. */
  readonly #seen = new WeakMap<TypedArray, TypedArray>();
  readonly #sites = new CallSites(this.#calls);
  #nextId = 0;
  /** Messages of the communication thread that have been taken in. */
  #taken = 0;
  readonly #numbers = new CommunicatorNumbers(() => this.#segment);
  #nextSetup = 0;
  readonly #offer: Offer;
  #segment: Segment | null = null;
  #listeners = 0;
  #isEnded = false;
  /** Where each rank of the world runs. */
  addresses: readonly RankAddress[] = [];
  /** Wall time that this thread has spent blocked in calls, in milliseconds. */
  blockedMs = 0;

  constructor(environment: RankEnvironment) {
    const { rank, size } = environment;
    this.environment = environment;
    const { allreduce } = environment;
    this.forced = { allreduce: wantedNamed("allreduce", allreduce) };
    this.#offer = offerShare(environment);
    this.arena = new Arena(arenaBytesOf(environment, this.#offer));
    this.kernels = new SegmentKernels(this.arena.memory);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const [outgoing, incoming] = [ringMemory(), ringMemory()];
    const workerData: CommunicationThreadData = {
      environment,
      port: port2,
      bell: this.#bell.words,
      arena: this.arena.memory,
      share: this.#offer.isOwn ? null : this.#offer.share,
      outgoing,
      incoming,
    };
    const thread = new Worker(
      join(__dirname, "../communication-thread/thread.js"),
      // The user's loaders are not ours, and cost time.
      {
        ...{ workerData, transferList: [port2], execArgv: [] },
        resourceLimits: THREAD_LIMITS,
      },
    );
    thread.unref();
    this.#line = new MessageLine({
      rank,
      size,
      outgoing: new Ring(outgoing),
      incoming: new Ring(incoming),
      refill: () => this.#tell(LOOK),
      onEnded: (id) => this.#take({ id, ok: true, result: undefined }),
      isBroken: () => this.#bell.isBroken,
    });
    this.#port.on("message", (reply: ReplyMessage) => {
      this.#taken++;
      this.#take(reply);
      this.#listenInEventLoop();
    });
    this.#port.on("close", () => this.#breakAll());
    this.#port.unref();
  }

  /** Blocks until all ranks have found each other. */
  start(): void {
    this.request("start", null, (addresses: readonly RankAddress[]) => {
      this.addresses = addresses;
    }).wait();
    this.#segment = shareMemory(this, this.#offer);
  }

  /** A number that no other communicator has which this rank leads. */
  nextContextNumber(): number {
    return this.#numbers.reserve();
  }
  /** The communicator with this number is there. */
  claimContext(context: number): void {
    const { leader, number } = partsOf(context);
    if (leader === this.environment.rank) this.#numbers.claim(number);
  }
  /** Unless it is, it never will be: all ranks have heard who leads what. */
  releaseContextNumber(number: number): void {
    this.#numbers.release(number);
  }

  /** Where the ranks of a communicator meet, if they share memory. */
  worldSegment(group: readonly number[]): SegmentCommunicator | null {
    return this.#segment?.world(group) ?? null;
  }
  segmentOf(
    group: readonly number[],
    number: number,
  ): SegmentCommunicator | null {
    return this.#segment?.communicator(group, entryOf(number)) ?? null;
  }

  /** The communication thread sees from now on whether this rank is in a call there. */
  meet(context: number, { block }: SegmentCommunicator): void {
    const { offset, size, rank } = block;
    this.#post("meet", { context, block: offset, size, rank });
  }
  /** The communication thread may read what other ranks of this host have in their shares. */
  showShares(shares: Calls["share"]["arguments"]): void {
    this.#post("share", shares);
  }

  /** An ordinary array whose pages lie in the arena, seen there; null: they do not. Those of large ones that come again move there. */
  sharedView(array: TypedArray, dtype: Dtype): TypedArray | null {
    const place = this.#segment?.addressOf(bytesOf(array)) ?? null;
    if (place === null) return null;
    const view = viewAs(dtype, this.arena.memory.buffer, place, array.length);
    this.#seen.set(view, array);
    return view;
  }

  /** What each rank says, before the program makes any call. */
  tellAll<T>(value: T): T[] {
    const { timeoutMs } = this.environment;
    const call = { name: "allgather" } as const;
    const number = this.#nextSetup++;
    const place = { context: SETUP_CONTEXT, number, timeoutMs, call };
    return this.request(
      "allgather",
      { ...place, bytes: encodeValue(value), into: null },
      (blocks) => blocks!.map(decodeValue) as T[],
    ).wait();
  }

  /** Has the communication thread look after a call in shared memory that takes long. */
  watch(args: Calls["watch"]["arguments"]): Operation {
    return this.#post("watch", args).call;
  }
  endWatch(args: Calls["endWatch"]["arguments"]): void {
    this.#post("endWatch", args);
  }

  /** This rank's messages, point to point. */
  get messages(): MessageEndpoint {
    return this.#line.endpoint;
  }

  /** Begins a call. `finish` makes its value on this thread when it is complete. */
  request<Name extends CallName, T>(
    name: Name,
    args: Calls[Name]["arguments"],
    finish: (result: Calls[Name]["result"]) => T,
    release?: () => void,
  ): Request<T> {
    return new Request(this.begin(name, args, finish, release));
  }

  begin<Name extends CallName, T>(
    name: Name,
    args: Calls[Name]["arguments"],
    finish: (result: Calls[Name]["result"]) => T,
    release?: () => void,
  ): Begun<T> {
    const { id, call } = this.#post(name, args);
    return {
      pending: this.pending(call),
      finish,
      release,
      endsEarly: isRooted(args),
      madeAt: (site) => this.#sites.remember(id, site),
    };
  }

  /** Something under way on this rank, for a request. */
  pending(operation: Operation): Pending {
    return new PendingOperation(this, operation);
  }

  /** @throws {FinalizedError | OpError} no communication can be begun here and now */
  assertUsable(): void {
    assertOutsideUserOp();
    if (this.#isEnded)
      throw new FinalizedError(
        "this rank has been finalized; no call can be made any more",
      );
  }

  /** The program ended with success. Blocks until everybody has what this rank sent. */
  finalize(): void {
    if (this.#isEnded) return;
    this.messages.leave();
    this.block(() => this.messages.heldMessages === 0);
    const { call } = this.#post("finalize", null);
    this.#isEnded = true;
    this.block(() => call.outcome !== null);
  }

  /** The program ends with an error. Blocks only briefly: the others are told, or will notice. */
  fail(error: unknown): void {
    if (this.#isEnded) return;
    const { call } = this.#post("fail", { error: errorToWire(error) });
    this.#isEnded = true;
    this.block(() => call.outcome !== null, FAIL_MS);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Blocks this thread until `isDone`, or for `limitMs`; takes in meanwhile whatever arrives. */
  block(isDone: () => boolean, limitMs = Infinity): void {
    const startMs = performance.now();
    const deadlineMs = startMs + limitMs;
    for (;;) {
      const rings = this.#bell.rings;
      this.#line.progress();
      if (isDone()) break;
      this.#takeReplies();
      if (isDone()) break;
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) break;
      if (this.#bell.isBroken) this.#breakAll();
      else this.#bell.sleep(rings, Math.min(TURN_MS, leftMs));
    }
    this.blockedMs += performance.now() - startMs;
  }

  /** Takes in what has arrived, without waiting. */
  progress(): void {
    this.#line.progress();
    this.#takeReplies();
    if (this.#bell.isBroken) this.#breakAll();
  }

  /** A moment for the communication thread: a program that polls would keep it from the core. */
  rest(): void {
    const { rings } = this.#bell;
    this.#line.progress();
    this.#bell.sleep(rings, REST_MS);
  }

  /** Messages that nobody waits for go on when the program comes back to its event loop. */
  progressInEventLoop(): void {
    this.#bell.listen();
  }

  #takeReplies(): void {
    while (this.#taken !== this.#bell.posted) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#taken++;
      this.#take(received.message as ReplyMessage);
    }
  }

  #take(reply: ReplyMessage): void {
    if (reply === LOOK) return this.#line.progress();
    if ("siteOf" in reply) {
      const { siteOf: id } = reply;
      return this.#tell({ id, site: this.#sites.placeOf(id) });
    }
    const call = this.#calls.get(reply.id);
    this.#calls.delete(reply.id);
    this.#held.delete(reply.id);
    this.#sites.forgetOldest();
    if (reply.ok) call?.succeed(reply.result);
    else call?.fail(errorFromWire(reply.error));
  }

  /** While somebody listens the process must stay alive. */
  listen(
    operation: Operation,
    listener: Parameters<Pending["listen"]>[0],
    keepsAlive = true,
  ): void {
    if (operation.outcome || !keepsAlive) {
      this.#bell.listen();
      return operation.listen(listener);
    }
    if (this.#listeners++ === 0) this.#port.ref();
    operation.listen((outcome) => {
      if (--this.#listeners === 0) this.#port.unref();
      listener(outcome);
    });
    this.#listenInEventLoop();
  }

  #listenInEventLoop(): void {
    this.#bell.listen();
    // What came before the bell listened would not ring.
    this.#line.progress();
  }

  #post<Name extends CallName>(
    name: Name,
    args: Calls[Name]["arguments"],
  ): { readonly id: number; readonly call: Operation } {
    this.assertUsable();
    const call = new Operation();
    const id = this.#nextId++;
    this.#calls.set(id, call);
    this.#held.set(id, args);
    const buffer = bufferOf(args);
    const place = buffer && this.arena.addressOf(bytesOf(buffer));
    const plain = asPlainCall(id, name, args, place);
    if (plain) this.#line.begin(plain);
    else this.#tell({ id, name, arguments: args, place } as CallMessage);
    return { id, call };
  }

  #tell(message: CallMessage): void {
    this.#port.postMessage(message);
  }

  #breakAll(): void {
    const error = new InternalError(
      "the communication thread ended; its last words are above",
    );
    for (const call of this.#calls.values()) call.fail(error);
    this.#calls.clear();
    for (let rank = 0; rank < this.environment.size; rank++)
      this.messages.failSource(rank, { error, inOrder: false });
  }
}

/** Of a call with a root some ranks only send. */
const isRooted = (args: Calls[CallName]["arguments"]): boolean =>
  args !== null && "call" in args && typeof args.call.root === "number";

/** An operation of this rank, as a request sees it. */
class PendingOperation implements Pending {
  readonly #runtime: Runtime;
  readonly #operation: Operation;

  constructor(runtime: Runtime, operation: Operation) {
    this.#runtime = runtime;
    this.#operation = operation;
  }

  get outcome(): Operation["outcome"] {
    return this.#operation.outcome;
  }
  poll(): void {
    this.#runtime.progress();
  }
  block(isDone: () => boolean, limitMs?: number): void {
    this.#runtime.block(isDone, limitMs);
  }
  rest(): void {
    this.#runtime.rest();
  }
  listen(...[listener, options]: Parameters<Pending["listen"]>): void {
    this.#runtime.listen(this.#operation, listener, options?.keepsAlive);
  }
}
