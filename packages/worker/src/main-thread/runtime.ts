import { join } from "node:path";
import { THREAD_LIMITS } from "../thread-limits";
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from "node:worker_threads";
import {
  errorFromWire,
  errorToWire,
  FinalizedError,
  InternalError,
  type RankAddress,
  type RankEnvironment,
} from "@tsmpi/protocol";
import { Arena } from "../bridge/arena";
import type {
  CallName,
  Calls,
  CommunicationThreadData,
  ReplyMessage,
} from "../bridge/calls";
import { Doorbell } from "../bridge/doorbell";
import { type Outcome, type Pending, Request } from "./request";

/** No wait is longer, so that a broken communication thread is always noticed. */
const TURN_MS = 1_000;

/** How long a failing program may take to tell the others; the launcher ends them anyway. */
const FAIL_MS = 1_000;

/** The main thread's end of the bridge: starts the communication thread, sends it calls, blocks for their outcome or does not. */
export class Runtime {
  readonly environment: RankEnvironment;
  readonly arena: Arena;
  readonly #bell = new Doorbell();
  readonly #port: MessagePort;
  readonly #pending = new Map<number, PendingCall>();
  #nextId = 0;
  #listeners = 0;
  #isEnded = false;
  /** Wall time that this thread has spent blocked in calls, in milliseconds. */
  blockedMs = 0;

  constructor(environment: RankEnvironment) {
    this.environment = environment;
    this.arena = new Arena(environment.arenaBytes);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: CommunicationThreadData = {
      environment,
      port: port2,
      bell: this.#bell.words,
      arena: this.arena.memory,
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
    this.#port.on("message", (reply: ReplyMessage) => this.#settle(reply));
    this.#port.on("close", () => this.#breakAll());
    this.#port.unref();
  }

  /** Blocks until all ranks have found each other. */
  start(): readonly RankAddress[] {
    return this.request(
      "start",
      null,
      (addresses: readonly RankAddress[]) => addresses,
    ).wait();
  }

  /** Begins a call. `finish` makes its value on this thread when it is complete. */
  request<Name extends CallName, T>(
    name: Name,
    args: Calls[Name]["arguments"],
    finish: (result: Calls[Name]["result"]) => T,
    release?: () => void,
  ): Request<T> {
    return new Request(this.#post(name, args), finish, release);
  }

  /** The program ended with success. Blocks until everybody has what this rank sent. */
  finalize(): void {
    if (this.#isEnded) return;
    const call = this.#post("finalize", null);
    this.#isEnded = true;
    this.waitFor(call);
  }

  /** The program ends with an error. Blocks only briefly: the others are told, or will notice. */
  fail(error: unknown): void {
    if (this.#isEnded) return;
    const call = this.#post("fail", { error: errorToWire(error) });
    this.#isEnded = true;
    this.waitFor(call, FAIL_MS);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Blocks until `call` has an outcome, or for `limitMs`. */
  waitFor(call: PendingCall, limitMs = Infinity): void {
    const startMs = performance.now();
    const deadlineMs = startMs + limitMs;
    for (;;) {
      const rings = this.#bell.rings;
      this.takeReplies();
      const leftMs = deadlineMs - performance.now();
      if (call.outcome !== null || leftMs <= 0) break;
      if (this.#bell.isBroken) this.#breakAll();
      else this.#bell.sleep(rings, Math.min(TURN_MS, leftMs));
    }
    this.blockedMs += performance.now() - startMs;
  }

  takeReplies(): void {
    for (
      let received = receiveMessageOnPort(this.#port);
      received !== undefined;
      received = receiveMessageOnPort(this.#port)
    )
      this.#settle(received.message as ReplyMessage);
  }

  /** While somebody listens the process must stay alive. */
  listenerAdded(): void {
    if (this.#listeners++ === 0) this.#port.ref();
  }
  listenerCalled(): void {
    if (--this.#listeners === 0) this.#port.unref();
  }

  #post<Name extends CallName>(
    name: Name,
    args: Calls[Name]["arguments"],
  ): PendingCall {
    if (this.#isEnded)
      throw new FinalizedError(
        "this rank has been finalized; no call can be made any more",
      );
    const call = new PendingCall(this);
    const message = { id: this.#nextId++, name, arguments: args };
    this.#pending.set(message.id, call);
    this.#port.postMessage(message);
    return call;
  }

  #settle(reply: ReplyMessage): void {
    const call = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    call?.settle(
      reply.ok ? reply : { ok: false, error: errorFromWire(reply.error) },
    );
  }

  #breakAll(): void {
    const error = new InternalError(
      "the communication thread ended; its last words are above",
    );
    for (const call of this.#pending.values())
      call.settle({ ok: false, error });
    this.#pending.clear();
  }
}

class PendingCall implements Pending {
  outcome: Outcome | null = null;
  readonly #runtime: Runtime;
  readonly #listeners: ((outcome: Outcome) => void)[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  block(): Outcome {
    if (this.outcome === null) this.#runtime.waitFor(this);
    return this.outcome!;
  }

  poll(): void {
    if (this.outcome === null) this.#runtime.takeReplies();
  }

  listen(listener: (outcome: Outcome) => void): void {
    if (this.outcome !== null) {
      listener(this.outcome);
      return;
    }
    this.#runtime.listenerAdded();
    this.#listeners.push(listener);
  }

  settle(outcome: Outcome): void {
    this.outcome = outcome;
    for (const listener of this.#listeners.splice(0)) {
      this.#runtime.listenerCalled();
      listener(outcome);
    }
  }
}
