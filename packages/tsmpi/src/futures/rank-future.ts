import { CancelledError } from "@tsmpi/protocol";

/**
 * What a task of a `RankPool` will have returned: a promise, which can also be asked how far it is, and be cancelled. An error
 * is kept for whoever awaits it; one that nobody awaits ends nothing.
 */
export class RankFuture<T> implements Promise<T> {
  #state: "waiting" | "running" | "done" | "cancelled" = "waiting";
  readonly #promise: Promise<T>;
  readonly #settle: Settle<T>;

  /** @internal Made by `futureWith`. */
  constructor() {
    let settle!: Settle<T>;
    this.#promise = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#settle = settle;
    this.#promise.catch(() => {});
  }

  /** Takes the task back. False if a worker has it already, or it is done. Awaiting it then raises `CancelledError`. */
  cancel(): boolean {
    if (this.#state === "waiting") {
      this.#state = "cancelled";
      this.#settle.reject(new CancelledError("the task was cancelled"));
    }
    return this.#state === "cancelled";
  }
  /** A worker has it. */
  running(): boolean {
    return this.#state === "running";
  }
  /** It has returned, thrown, or been cancelled. */
  done(): boolean {
    return this.#state === "done" || this.#state === "cancelled";
  }
  /** It has been taken back. */
  cancelled(): boolean {
    return this.#state === "cancelled";
  }

  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#promise.then(onFulfilled, onRejected);
  }
  catch<B = never>(
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<T | B> {
    return this.#promise.catch(onRejected);
  }
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#promise.finally(onFinally);
  }
  readonly [Symbol.toStringTag] = "RankFuture";

  /** @internal A worker has it, or has it no more. */
  setRunning(isRunning: boolean): void {
    this.#state = isRunning ? "running" : "waiting";
  }
  /** @internal */
  succeed(value: T): void {
    this.#state = "done";
    this.#settle.resolve(value);
  }
  /** @internal */
  fail(error: unknown): void {
    this.#state = "done";
    this.#settle.reject(error as Error);
  }
}

/** Methods, not properties: so a future of a number is a future of anything, as a promise is. */
interface Settle<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}
