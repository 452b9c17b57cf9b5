import {
  type CallDescription,
  type CallName,
  type Collective,
  type DirectCall,
  type Forced,
  isDirect,
  ranksByHost,
  type SharedSegment,
  type Steps,
} from "@tsmpi/collective";
import {
  ArgumentError,
  CommunicatorError,
  errorToWire,
  typeTag,
  type Dtype,
  type TypedArray,
  type WireError,
} from "@tsmpi/protocol";
import { type CommunicatorState, newState } from "./state";
import { readTimeout } from "../options";
import type { Calls } from "../../bridge/calls";
import { complete, failed, type Pending } from "../pending";
import {
  type CollectiveCalls,
  DIRECT_CALLS,
  type Made,
  type OfCall,
} from "../segment/direct-calls";
import { Prequest } from "../persistent-request";
import { type Begun, Request, settle } from "../request";

/** Begins a call whose arguments have been checked; as often as it is called. */
export type Start<T> = () => Begun<T>;

/** What all calls share: who we are, how a call reaches the other thread, and where buffers lie. */
export abstract class CommunicatorBase {
  #state: CommunicatorState | null;
  #callTimeoutMs: number | undefined;
  /** The call that is being begun will be waited for. */
  #isBlocking = false;

  /** A null handle; or another handle to a communicator. */
  constructor(from: CommunicatorState | CommunicatorBase | null = null) {
    if (from instanceof CommunicatorBase) this.#state = from.#state;
    else if (from === null || (typeof from === "object" && "runtime" in from))
      this.#state = from;
    else throw new ArgumentError("a communicator is made of another one");
  }

  /** True for COMM_NULL, and for a communicator that has been freed. */
  get isNull(): boolean {
    return this.#state === null;
  }

  /** This process in the communicator: 0 … size − 1. */
  get rank(): number {
    return this.state.rank;
  }
  get size(): number {
    return this.state.group.length;
  }
  Get_rank(): number {
    return this.rank;
  }
  Get_size(): number {
    return this.size;
  }

  /** Ours: how long a collective may take, in milliseconds. Communicators that are made of this one inherit it. */
  get timeoutMs(): number {
    return this.state.timeoutMs;
  }
  set timeoutMs(timeoutMs: number) {
    this.state.timeoutMs = readTimeout(timeoutMs);
  }

  /**
   * @internal
   * @throws {CommunicatorError} it is COMM_NULL, or has been freed
   */
  get state(): CommunicatorState {
    if (this.#state) return this.#state;
    throw new CommunicatorError(
      "the communicator is COMM_NULL, or has been freed",
    );
  }

  /** @internal From now on it is a communicator: whoever made it knows of what. */
  bear(state: CommunicatorState): void {
    const { runtime, context, group, rank, forced, segment } = state;
    runtime.messages.open(context, group);
    runtime.claimContext(context);
    runtime.request("open", { context, group, rank, forced }, () => undefined);
    if (segment) runtime.meet(context, segment);
    this.#state = state;
  }

  /** @internal One of the same kind that is to be borne. */
  protected unborn(): this {
    const constructor = this.constructor as new (state: null) => this;
    return new constructor(null);
  }

  /** @internal A communicator of some of these ranks. */
  protected derived(made: Parameters<typeof newState>[1]): CommunicatorState {
    return newState(this.state, made);
  }

  /** From now on it is COMM_NULL. */
  protected forgetState(): void {
    this.#state = null;
  }

  /** Ours: its ranks are on one host and share memory, so that calls which are waited for pass no socket. The same on all of them. */
  get sharesMemory(): boolean {
    return this.state.segment !== null;
  }

  /** Ours: the ranks of each host in their order; hosts in the order of their first ranks. The same on all ranks. */
  get hosts(): readonly (readonly number[])[] {
    const { runtime, group } = this.state;
    return ranksByHost(group.map((world) => runtime.addresses[world]!.machine));
  }

  /** Of the next call. */
  protected get deadlineMs(): number {
    return this.#callTimeoutMs ?? this.state.timeoutMs;
  }

  /** Begins a collective: in shared memory where it can be made there. `finish` makes its value when it is complete. */
  protected call<Name extends CollectiveCalls, T>(
    name: Name,
    args: OfCall<Name>,
    finish: (result: Calls[Name]["result"]) => T,
    release?: () => void,
  ): Begun<T> {
    const direct = DIRECT_CALLS[name]?.(args);
    const made = direct && this.inSegment(direct, args.call, direct.run);
    if (made) return { pending: made, finish, release };
    const { runtime, context, calls, segment } = this.state;
    const number = calls.next++;
    // Whoever waits for it there hears of it.
    segment?.block.divert(number);
    const place = { context, number, timeoutMs: this.deadlineMs };
    return runtime.begin(name, Object.assign(place, args), finish, release);
  }

  /** One that leaves its result in buffers: `finish` puts it there, and the call gives null. */
  protected callInto<Name extends CollectiveCalls>(
    name: Name,
    args: OfCall<Name>,
    finish: (result: Calls[Name]["result"]) => void,
    release?: () => void,
  ): Begun<null> {
    const put = (result: Calls[Name]["result"]): null => {
      finish(result);
      return null;
    };
    return this.call(name, args, put, release);
  }

  /**
   * Makes a call in shared memory, if its ranks share some and the program waits for it.
   *
   * @param forcedHere algorithms of this call alone
   * @returns its end; null if it is to be made over the network, as this rank's next call
   */
  protected inSegment(
    { collective }: { readonly collective: Collective },
    call: CallDescription,
    run: (segment: SharedSegment, call: DirectCall) => Steps<Made | boolean>,
    forcedHere: Forced | null = null,
  ): Pending | null {
    const { segment, runtime, context } = this.state;
    if (!segment || !this.#isBlocking) return null;
    const wanted =
      forcedHere?.[collective] ??
      this.state.forced[collective] ??
      runtime.forced[collective];
    if (!isDirect(collective, wanted)) return null;
    const { calls } = this.state;
    const number = calls.next;
    const timeoutMs = this.deadlineMs;
    const about = { runtime, context, number, timeoutMs, call };
    try {
      const made = segment.make(about, run);
      if (made === false) return null;
      calls.next++;
      return complete(made === true ? undefined : made.received);
    } catch (error) {
      calls.next++;
      return failed(error as Error);
    }
  }

  /** @internal The deadline that a call has been given for itself. */
  get callTimeoutMs(): number | undefined {
    return this.#callTimeoutMs;
  }

  /** @internal Calls that are begun in `call` have this deadline. */
  withTimeout<T>(timeoutMs: number, call: () => T): T {
    const outer = this.#callTimeoutMs;
    this.#callTimeoutMs = timeoutMs;
    try {
      return call();
    } finally {
      this.#callTimeoutMs = outer;
    }
  }

  /**
   * Begins a collective. If `prepare` refuses this rank's arguments, the call fails on every rank: the others, whose arguments
   * may be right, would wait for us.
   */
  protected begin<T>(name: CallName, prepare: () => Start<T>): Request<T> {
    this.state.runtime.assertUsable();
    try {
      return new Request(prepare()());
    } catch (error) {
      return this.#refuseArguments(name, error);
    }
  }

  /** The same, and blocks until it is complete. */
  protected run<T>(name: CallName, prepare: () => Start<T>): T {
    this.state.runtime.assertUsable();
    let begun: Begun<T>;
    const outer = this.#isBlocking;
    this.#isBlocking = true;
    try {
      begun = prepare()();
    } catch (error) {
      return this.#refuseArguments(name, error);
    } finally {
      this.#isBlocking = outer;
    }
    // It may be through before its peers can say that theirs is another call.
    if (begun.endsEarly) begun.madeAt?.(new Error());
    return settle(begun);
  }

  /** A collective that is begun later, and again. Every rank makes it: arguments that are refused here fail its start elsewhere. */
  protected persistentCollective<T>(
    name: CallName,
    prepare: () => Start<T>,
  ): Prequest<T> {
    try {
      return this.persistent(prepare);
    } catch (error) {
      return this.#refuseArguments(name, error);
    }
  }

  /** A communication that is begun later, and again. */
  protected persistent<T>(prepare: () => Start<T>): Prequest<T> {
    this.state.runtime.assertUsable();
    const start = prepare();
    const timeoutMs = this.#callTimeoutMs;
    return new Prequest(
      timeoutMs === undefined
        ? start
        : () => this.withTimeout(timeoutMs, start),
    );
  }

  /**
   * Takes part in the collective that the others call only to make it fail on every rank: this rank cannot go on. Returns at once.
   *
   * @internal
   */
  refuse(name: CallName, error: unknown): never {
    this.#fail(name, errorToWire(error));
    throw error;
  }

  /** The others did not see whose arguments are wrong, nor of which call. */
  #refuseArguments(name: CallName, error: unknown): never {
    const wire = errorToWire(error);
    const message = `[rank ${this.rank}] ${name}: ${wire.message}`;
    this.#fail(name, { ...wire, message });
    throw error;
  }

  #fail(name: CallName, error: WireError): void {
    new Request(this.call("refuse", { call: { name }, error }, () => {}));
  }

  /**
   * A buffer as both threads see it: itself if its memory is shared, or has become so, else scratch of the same length in the arena.
   * `copyBack` copies it back; `release` gives the scratch back.
   */
  protected share(
    array: TypedArray,
    dtype: Dtype,
    { fill }: { readonly fill: boolean },
  ): {
    readonly shared: TypedArray;
    readonly isItself: boolean;
    readonly copyBack: () => void;
    readonly release: () => void;
  } {
    const seen = isShared(array)
      ? array
      : this.state.runtime.sharedView(array, dtype);
    if (seen)
      return {
        ...{ shared: seen, isItself: true },
        ...{ copyBack: () => {}, release: () => {} },
      };
    const { shared, release } = this.scratch(dtype, array.length);
    if (fill) shared.set(array as never);
    return {
      shared,
      isItself: false,
      release,
      copyBack: () => array.set(shared as never),
    };
  }

  /** Shared memory for so many elements. */
  protected scratch(
    dtype: Dtype,
    length: number,
  ): { readonly shared: TypedArray; readonly release: () => void } {
    const { arena } = this.state.runtime;
    const shared = arena.allocate(dtype, length);
    return { shared, release: () => void arena.release(shared) };
  }

  /** A call that is complete from the start. */
  protected done<T>(value: T): Begun<T> {
    return { pending: complete(null), finish: () => value };
  }
}

const isShared = ({ buffer }: TypedArray): boolean =>
  typeTag(buffer) === "SharedArrayBuffer";
