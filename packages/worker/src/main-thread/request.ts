import { join } from "node:path";
import type { TsmpiError } from "@tsmpi/protocol";

/** A call under way on the other thread. */
export interface Pending {
  readonly outcome: Outcome | null;
  /** Blocks until there is an outcome. */
  block(): Outcome;
  /** Takes in what has arrived, without waiting. */
  poll(): void;
  /** Calls back with the outcome, from the event loop; the process stays alive until then. */
  listen(listener: (outcome: Outcome) => void): void;
}

export type Outcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: TsmpiError };

type Completed<T> = { readonly value: T } | { readonly error: unknown };

/**
 * A communication that was begun and is completed by `wait`, `test` or `await`. Awaiting yields the call's value; an async
 * function that returns a Request therefore yields the value too.
 */
export class Request<T> implements PromiseLike<T> {
  readonly #pending: Pending;
  readonly #finish: (result: never) => T;
  readonly #release: () => void;
  /** Where the call was made: an error that arrives later would not know. */
  readonly #site = new Error();
  #completed: Completed<T> | null = null;

  /**
   * @param finish makes the value of the call from what the other thread gives; runs once, on this thread
   * @param release runs once when the call is complete, well or not
   */
  constructor(
    pending: Pending,
    finish: (result: never) => T,
    release: () => void = () => {},
  ) {
    this.#pending = pending;
    this.#finish = finish;
    this.#release = release;
  }

  /** Blocks this thread until the call is complete. */
  wait(): T {
    return this.#complete(this.#pending.block());
  }

  /** Whether the call is complete, and its value if it is. Does not block. */
  test(): [done: false, value: null] | [done: true, value: T] {
    this.#pending.poll();
    const { outcome } = this.#pending;
    return outcome ? [true, this.#complete(outcome)] : [false, null];
  }

  /** Does not block: other requests, timers and sockets of this thread go on. */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return new Promise<T>((resolve, reject: (error: Error) => void) =>
      this.#pending.listen((outcome) => {
        try {
          resolve(this.#complete(outcome));
        } catch (error) {
          reject(error as Error);
        }
      }),
    ).then(onFulfilled, onRejected);
  }

  #complete(outcome: Outcome): T {
    this.#completed ??= this.#run(outcome);
    if ("error" in this.#completed) throw this.#completed.error;
    return this.#completed.value;
  }

  #run(outcome: Outcome): Completed<T> {
    try {
      if (outcome.ok) return { value: this.#finish(outcome.result as never) };
      return { error: raisedAt(this.#site, outcome.error) };
    } catch (error) {
      return { error: raisedAt(this.#site, error as Error) };
    } finally {
      this.#release();
    }
  }
}

/** Frames inside this package tell a user nothing. */
const OWN_FRAMES = join(__dirname, "../..");

/** Lets the error's stack begin at the user's call. */
function raisedAt(site: Error, error: Error): Error {
  const [, ...frames] = site.stack?.split("\n") ?? [];
  const others = frames.filter((frame) => !frame.includes(OWN_FRAMES));
  error.stack = [`${error.name}: ${error.message}`, ...others].join("\n");
  return error;
}
