import type { Outcome } from "@tsmpi/collective";
import { ArgumentError, RequestError, TimeoutError } from "@tsmpi/protocol";
import { raisedAt } from "./call-site";
import type { Pending } from "./pending";
import {
  getStatusAll,
  getStatusAny,
  getStatusSome,
  testAll,
  testAny,
  testSome,
  waitAll,
  waitAny,
  waitSome,
} from "./request-lists";
import { Status } from "./status";

/** A communication that has been begun. */
export interface Begun<T> {
  readonly pending: Pending;
  /** Makes the value of the call from what its outcome holds; runs once, on this thread. Fills `status`, if it is a receive. */
  readonly finish: (result: never, status: Status) => T;
  /** Runs once when the call is complete, well or not. */
  readonly release?: () => void;
  /** Ends it before anything has happened; false if it is too late. */
  readonly cancel?: () => boolean;
  /** In place of waiting for ever. */
  readonly timeoutMs?: number;
  /** It may be complete before anything has come from its peers. */
  readonly endsEarly?: boolean;
  /** Told where a call was made that is not waited for at once. */
  readonly madeAt?: (site: Error) => void;
}

/** Blocks until it is complete, and gives its value. */
export function settle<T>(begun: Begun<T>, status?: Status | null): T {
  const { pending, timeoutMs } = begun;
  if (pending.outcome === null)
    pending.block(() => pending.outcome !== null, timeoutMs);
  const outcome = pending.outcome ?? late(begun);
  // We are still inside the user's call: only an error wants to know where that is.
  const completed = run(begun, outcome, status ?? new Status());
  if (!("error" in completed)) return completed.value;
  throw raisedAt(new Error(), completed.error);
}

/** What the call gives, and its end. */
function run<T>(
  begun: Begun<T>,
  outcome: Outcome,
  status: Status,
): Completed<T> {
  try {
    return outcome.ok
      ? { value: begun.finish(outcome.result as never, status) }
      : { error: outcome.error };
  } catch (error) {
    return { error: error as Error };
  } finally {
    begun.release?.();
  }
}

/** A receive that nothing has met can be taken back; what has begun to arrive is left to itself. */
function late<T>({ cancel, timeoutMs }: Begun<T>): Outcome {
  cancel?.();
  return { ok: false, error: lateBy(timeoutMs!) };
}

/** A call has not ended by its deadline. */
export const lateBy = (timeoutMs: number): TimeoutError =>
  new TimeoutError(`the call did not end within ${timeoutMs / 1_000} s`);

type Completed<T> = { readonly value: T } | { readonly error: Error };

/** What all handles to one request share. */
interface RequestState<T> {
  begun: Begun<T> | null;
  /** Where the call was made: an error that arrives later would not know. */
  site: Error | null;
  cancelled: boolean;
  promise: Promise<T> | null;
}

const newState = <T>(begun: Begun<T> | null): RequestState<T> => ({
  begun,
  site: begun && siteOf(begun),
  cancelled: false,
  promise: null,
});

/**
 * A communication that was begun and is completed by `wait`, `test` or `await`; then it is a null request, as in MPI. Awaiting
 * yields the call's value; an async function that returns a Request therefore yields the value too.
 */
export class Request<T = unknown> implements PromiseLike<T> {
  readonly #state: RequestState<T>;

  /** A null request; or another handle to a request; or one for what has been begun. */
  constructor(from: Begun<T> | Request<T> | null = null) {
    if (from instanceof Request) this.#state = from.#state;
    else if (from === null || (typeof from === "object" && "pending" in from))
      this.#state = newState(from);
    else throw new ArgumentError("a request is made of another one");
  }

  /** Nothing is under way: never was, or is complete. */
  get isNull(): boolean {
    return this.#state.begun === null;
  }
  /** Whether there is something to wait for. */
  get isActive(): boolean {
    return this.#state.begun !== null;
  }
  /** Whether both are handles to one request, or both null. */
  equals(other: unknown): boolean {
    return (
      other instanceof Request &&
      (this.#state === other.#state || (this.isNull && other.isNull))
    );
  }

  /** Blocks this thread until the call is complete. A null request gives null. */
  wait(status?: Status | null): T {
    const begun = this.#state.begun;
    if (begun === null) return nothing(status);
    const { pending, timeoutMs } = begun;
    if (pending.outcome === null)
      pending.block(() => pending.outcome !== null, timeoutMs);
    return this.take(pending.outcome ?? late(begun), status);
  }
  Wait(status?: Status | null): true {
    this.wait(status);
    return true;
  }

  /** Whether the call is complete, and its value if it is. Does not block. */
  test(
    status?: Status | null,
  ): [done: false, value: null] | [done: true, value: T] {
    if (this.#state.begun === null) return [true, nothing<T>(status)];
    const outcome = this.poll();
    if (outcome) return [true, this.take(outcome, status)];
    this.rest();
    return [false, null];
  }
  Test(status?: Status | null): boolean {
    return this.test(status)[0];
  }

  /** Whether the call is complete, which it is not by this. */
  Get_status(status?: Status | null): boolean {
    const begun = this.#state.begun;
    if (begun === null) {
      nothing(status);
      return true;
    }
    const outcome = this.poll();
    if (outcome?.ok && status) {
      const seen = new Status();
      seen.cancelled = this.#state.cancelled;
      if (!this.#state.cancelled) begun.finish(outcome.result as never, seen);
      status.copy(seen);
    }
    return outcome !== null;
  }
  get_status(status?: Status | null): boolean {
    return this.Get_status(status);
  }

  /**
   * Ends a receive that no message has met. A request is complete only by `wait`, `test` or `Free`, also a cancelled one.
   *
   * @throws {RequestError} it is complete
   */
  Cancel(): void {
    const { cancel } = this.#active("cancelled");
    if (!this.#state.cancelled && cancel?.()) this.#state.cancelled = true;
  }
  cancel(): void {
    this.Cancel();
  }

  /**
   * Gives the request up; the communication goes on.
   *
   * @throws {RequestError} it is complete
   */
  Free(): void {
    const begun = this.#active("freed");
    this.retire();
    const finish = (outcome: Outcome): void =>
      void run(begun, outcome, new Status());
    begun.pending.listen(finish, { keepsAlive: false });
  }
  free(): void {
    if (this.#state.begun) this.Free();
  }

  /** Does not block: other requests, timers and sockets of this thread go on. */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const begun = this.#state.begun;
    this.#state.promise ??=
      begun === null
        ? Promise.resolve(null as T)
        : new Promise<T>((resolve, reject: (error: Error) => void) =>
            begun.pending.listen((outcome) => {
              try {
                // It may have been waited for meanwhile.
                resolve(this.isNull ? (null as T) : this.take(outcome));
              } catch (error) {
                reject(error as Error);
              }
            }),
          );
    return this.#state.promise.then(onFulfilled, onRejected);
  }

  /** @internal The outcome, if there is one; does not complete the request. */
  poll(): Outcome | null {
    const pending = this.#state.begun?.pending;
    if (pending && pending.outcome === null) pending.poll();
    return pending?.outcome ?? null;
  }

  /** @internal A program that asks again and again leaves the other threads of this rank some time. */
  rest(): void {
    this.#state.begun?.pending.rest();
  }

  /** @internal Blocks until `isDone`. */
  block(isDone: () => boolean): void {
    this.#state.begun?.pending.block(isDone);
  }

  /** @internal Takes the outcome: from now on the request is null. */
  take(outcome: Outcome, status?: Status | null): T {
    const begun = this.#state.begun!;
    const seen = new Status();
    seen.cancelled = this.#state.cancelled;
    const completed = this.#state.cancelled
      ? run({ ...begun, finish: () => null as T }, outcome, seen)
      : run(begun, outcome, seen);
    this.retire();
    status?.copy(seen);
    if ("error" in completed)
      throw raisedAt(this.#state.site!, completed.error);
    return completed.value;
  }

  /** @internal What a request is when it is complete; a persistent one stays. */
  protected retire(): void {
    this.#state.begun = null;
  }

  /** @internal Begins again. */
  protected restart(begun: Begun<T>): void {
    Object.assign(this.#state, newState(begun));
  }

  #active(what: string): Begun<T> {
    if (this.#state.begun) return this.#state.begun;
    throw new RequestError(
      `the request is complete, or never was one, and cannot be ${what}`,
    );
  }

  static waitany = waitAny;
  static Waitany(
    requests: readonly (Request | null)[],
    status?: Status | null,
  ): number {
    return waitAny(requests, status)[0];
  }
  static testany = testAny;
  static Testany(
    requests: readonly (Request | null)[],
    status?: Status | null,
  ): [index: number, flag: boolean] {
    const [index, flag] = testAny(requests, status);
    return [index, flag];
  }
  static waitall = waitAll;
  static Waitall(
    requests: readonly (Request | null)[],
    statuses?: Status[] | null,
  ): true {
    waitAll(requests, statuses);
    return true;
  }
  static testall = testAll;
  static Testall(
    requests: readonly (Request | null)[],
    statuses?: Status[] | null,
  ): boolean {
    return testAll(requests, statuses)[0];
  }
  static waitsome = waitSome;
  static Waitsome(
    requests: readonly (Request | null)[],
    statuses?: Status[] | null,
  ): number[] | null {
    return waitSome(requests, statuses)[0];
  }
  static Get_status_any = getStatusAny;
  static get_status_any = getStatusAny;
  static Get_status_all = getStatusAll;
  static get_status_all = getStatusAll;
  static Get_status_some = getStatusSome;
  static get_status_some = getStatusSome;
  static testsome = testSome;
  static Testsome(
    requests: readonly (Request | null)[],
    statuses?: Status[] | null,
  ): number[] | null {
    return testSome(requests, statuses)[0];
  }
}

function siteOf<T>({ madeAt }: Begun<T>): Error {
  const site = new Error();
  madeAt?.(site);
  return site;
}

/** What a null request says of itself. */
function nothing<T>(status: Status | null | undefined): T {
  status?.copy(new Status());
  return null as T;
}

export const REQUEST_NULL = new Request<null>();
