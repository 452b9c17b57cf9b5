import type { BrokenPoolError } from "@tsmpi/protocol";
import type { KnownFunction } from "./known-functions";
import type { TaskOutcome } from "./messages";
import type { RankFuture } from "./rank-future";
import { thrownFromWire } from "./task-error";
import { TaskQueue } from "./task-queue";

/** Calls of one function that go to a worker together. */
export interface PoolTask {
  readonly number: number;
  readonly pool: PoolState;
  readonly function: KnownFunction;
  /** The encoded list of lists of arguments: whatever becomes of them, a task that is run again has the same. */
  readonly calls: Uint8Array;
  /** How many calls these are. */
  readonly count: number;
  readonly future: RankFuture<unknown>;
  /** What the future's value is, of the values of the calls. */
  readonly valueOf: (values: readonly unknown[]) => unknown;
  /** Ranks that were lost while they had it. */
  readonly lostOn: number[];
}

/** What a pool has asked of those who run its tasks. */
export class PoolState {
  readonly number: number;
  /** Not yet with a worker. */
  readonly queue = new TaskQueue<PoolTask>();
  readonly maxWorkers: number;
  readonly retries: number;
  readonly initializer: Initializer | null;
  #broken: BrokenPoolError | null = null;
  #unfinished = 0;
  #whenIdle: (() => void)[] = [];

  constructor({
    number,
    maxWorkers,
    retries,
    initializer,
  }: Pick<PoolState, "number" | "maxWorkers" | "retries" | "initializer">) {
    this.number = number;
    this.maxWorkers = maxWorkers;
    this.retries = retries;
    this.initializer = initializer;
  }

  /** Why it runs nothing any more; null if it does. */
  get broken(): BrokenPoolError | null {
    return this.#broken;
  }

  add(task: PoolTask): void {
    this.#unfinished++;
    this.queue.push(task);
    // Done, or cancelled.
    const over = (): void => this.#over();
    task.future.then(over, over);
  }

  settle(task: PoolTask, outcome: TaskOutcome): void {
    const { future, valueOf } = task;
    if ("thrown" in outcome) future.fail(thrownFromWire(outcome.thrown));
    else future.succeed(valueOf(outcome.values));
  }

  /** Whatever has not yet begun fails, and whatever is submitted from now on. */
  break(error: BrokenPoolError): void {
    this.#broken ??= error;
    for (const { future } of this.queue.takeAll()) future.fail(this.#broken);
  }

  cancelWaiting(): void {
    for (const { future } of this.queue.takeAll()) future.cancel();
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#unfinished === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #over(): void {
    if (--this.#unfinished > 0) return;
    for (const resolve of this.#whenIdle) resolve();
    this.#whenIdle = [];
  }
}

/** Called on each worker before its first task of the pool. */
export interface Initializer {
  readonly function: KnownFunction;
  /** The encoded list of arguments. */
  readonly args: Uint8Array;
}
