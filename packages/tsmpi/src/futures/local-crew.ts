import { setImmediate as nextTurn } from "node:timers/promises";
import type { BrokenPoolError, SerializationError } from "@tsmpi/protocol";
import { decodeValue, encodeValue } from "@tsmpi/protocol";
import type { Crew } from "./crew";
import { KnownFunctions } from "./known-functions";
import type { TaskOutcome } from "./messages";
import type { Initializer, PoolState } from "./pool-state";
import { runTask, unsendable } from "./run-task";
import { initializerFailed } from "./initializer-failed";

/** A job of one rank: tasks run here, one after the other, with copies of their arguments, as they would elsewhere. */
export class LocalCrew implements Crew {
  readonly functions = new KnownFunctions();
  readonly size = 1;
  readonly #rank: number;
  /** In turn: the one that has had its turn goes to the end. */
  readonly #pools = new Set<PoolState>();
  readonly #initialized = new Map<PoolState, Promise<void>>();
  #isWorking = false;

  /** @param rank of this process, for people */
  constructor(rank: number) {
    this.#rank = rank;
  }

  join(pool: PoolState): void {
    this.#pools.add(pool);
  }

  part(pool: PoolState): void {
    this.#pools.delete(pool);
    this.#initialized.delete(pool);
  }

  deal(): void {
    if (!this.#isWorking) void this.#work();
  }

  async ready(pool: PoolState): Promise<void> {
    await this.#initialize(pool);
    if (pool.broken) throw pool.broken;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (;;) {
      await nextTurn();
      const pool = [...this.#pools].find(({ queue }) => queue.peek() !== null);
      if (pool === undefined) break;
      this.#pools.delete(pool);
      this.#pools.add(pool);
      await this.#initialize(pool);
      const task = pool.queue.take();
      if (task === null) continue;
      task.future.setRunning(true);
      pool.settle(
        task,
        this.#copy(await runTask(task.function.fn, task.calls, this.#rank)),
      );
    }
    this.#isWorking = false;
  }

  #initialize(pool: PoolState): Promise<void> {
    const { initializer } = pool;
    if (initializer === null) return Promise.resolve();
    let initialized = this.#initialized.get(pool);
    if (initialized === undefined) {
      initialized = this.#call(initializer).then((error) => {
        if (error) pool.break(error);
      });
      this.#initialized.set(pool, initialized);
    }
    return initialized;
  }

  async #call({
    function: { fn },
    args,
  }: Initializer): Promise<BrokenPoolError | null> {
    const outcome = await runTask(fn, args, this.#rank);
    return "thrown" in outcome
      ? initializerFailed(outcome.thrown, this.#rank)
      : null;
  }

  #copy(outcome: TaskOutcome): TaskOutcome {
    try {
      return decodeValue(encodeValue(outcome)) as TaskOutcome;
    } catch (error) {
      return unsendable(error as SerializationError, this.#rank);
    }
  }
}
