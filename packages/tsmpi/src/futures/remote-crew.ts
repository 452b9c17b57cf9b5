import { setImmediate as nextTurn } from "node:timers/promises";
import { BrokenPoolError, ProcessFailedError } from "@tsmpi/protocol";
import type { Intracomm } from "@tsmpi/worker";
import { Breath } from "./breath";
import { chooseWorker, type Load } from "./choose-worker";
import type { Crew } from "./crew";
import { initializerFailed } from "./initializer-failed";
import { type KnownFunction, KnownFunctions, observe } from "./known-functions";
import { type MasterMessage, POOL_TAG, type WorkerMessage } from "./messages";
import type { PoolState, PoolTask } from "./pool-state";
import { quickly } from "./quickly";

/** A rank that serves, as its master sees it. */
interface Worker {
  readonly rank: number;
  /** What it has, in the order in which it does it. */
  readonly tasks: Map<number, PoolTask>;
  /** Functions that it has been told of. */
  readonly functions: Set<KnownFunction>;
  /** Whose initializer it has been asked to call, and whether that has returned. */
  readonly pools: Map<PoolState, { isReady: boolean }>;
  isHeard: boolean;
  /** What it is to be told when the event loop turns, with those who wait for that. */
  readonly outbox: MasterMessage[];
  posting: Promise<void> | null;
}

/** Ranks that serve this one. Every message is taken and sent in the event loop; nothing here blocks it. */
export class RemoteCrew implements Crew {
  readonly functions = new KnownFunctions();
  readonly #comm: Intracomm;
  readonly #opening: () => PromiseLike<unknown>;
  #opened: Promise<void> | null = null;
  #isOpen = false;
  readonly #workers = new Set<Worker>();
  readonly #hired: number;
  /** In turn: the one that has had its turn goes to the end. */
  readonly #pools = new Set<PoolState>();
  /** Of each worker that is lost, what is known. */
  readonly #losses: string[] = [];
  #broken: BrokenPoolError | null = null;
  #whenChanged: (() => void)[] = [];

  /** @param opening resolves when `comm` can be used */
  constructor(
    comm: Intracomm,
    {
      ranks,
      opening,
    }: {
      readonly ranks: readonly number[];
      readonly opening: () => PromiseLike<unknown>;
    },
  ) {
    this.#comm = comm;
    this.#opening = opening;
    this.#hired = ranks.length;
    for (const rank of ranks)
      this.#workers.add({
        rank,
        tasks: new Map(),
        functions: new Set(),
        pools: new Map(),
        isHeard: false,
        outbox: [],
        posting: null,
      });
  }

  get size(): number {
    return this.#workers.size;
  }

  join(pool: PoolState): void {
    this.#pools.add(pool);
    if (this.#broken) pool.break(this.#broken);
  }

  part(pool: PoolState): void {
    this.#pools.delete(pool);
    for (const { pools } of this.#workers) pools.delete(pool);
  }

  deal(): void {
    if (!this.#isOpen) {
      // What goes wrong breaks the pools, which say so.
      void this.#open();
      return;
    }
    for (const pool of this.#pools)
      if (pool.initializer && pool.queue.peek()) this.#prepare(pool);
    while (this.#dealOne());
  }

  async ready(pool: PoolState): Promise<void> {
    await this.#open();
    if (pool.initializer && !pool.broken) this.#prepare(pool);
    while (!pool.broken && !this.#isReady(pool))
      await new Promise<void>((resolve) => this.#whenChanged.push(resolve));
    if (pool.broken) throw pool.broken;
  }

  /** Lets the workers go on with their programs, whatever they have been given before. */
  async dismiss(): Promise<void> {
    await this.#open();
    const farewells = [...this.#workers].map((worker) =>
      this.#send(worker, { type: "stop" }),
    );
    await Promise.all(farewells);
  }

  #open(): Promise<void> {
    this.#opened ??= this.#opening().then(
      () => {
        this.#isOpen = true;
        this.deal();
      },
      (error: unknown) => {
        const { message } = error as Error;
        this.#workers.clear();
        this.#breakAll(
          new BrokenPoolError(`the workers could not be reached: ${message}`, {
            cause: error,
          }),
        );
      },
    ) as Promise<void>;
    return this.#opened;
  }

  /** The workers that this pool may use: others come up when one of them is lost. */
  #workersOf({ maxWorkers }: PoolState): Worker[] {
    const all = [...this.#workers];
    return maxWorkers < all.length ? all.slice(0, maxWorkers) : all;
  }

  #isReady(pool: PoolState): boolean {
    return (
      pool.initializer === null ||
      this.#workersOf(pool).every((worker) => isReadyFor(pool, worker))
    );
  }

  /** Asks its workers to call the initializer, unless they have been. */
  #prepare(pool: PoolState): void {
    const { function: known, args } = pool.initializer!;
    for (const worker of this.#workersOf(pool)) {
      if (worker.pools.has(pool)) continue;
      worker.pools.set(pool, { isReady: false });
      this.#tellOf(worker, known);
      void this.#send(worker, {
        ...{ type: "initialize", pool: pool.number },
        ...{ function: known.number, args },
      });
      this.#hear(worker);
    }
  }

  /** Gives one task away, of the pool whose turn it is. False: none can be given now. */
  #dealOne(): boolean {
    for (const pool of this.#pools) {
      const task = pool.queue.peek();
      if (task === null) continue;
      const worker = this.#workerFor(task);
      if (worker === null) continue;
      pool.queue.take();
      this.#give(worker, task);
      this.#pools.delete(pool);
      this.#pools.add(pool);
      return true;
    }
    return false;
  }

  #workerFor({
    pool,
    function: known,
    count,
    lostOn,
  }: PoolTask): Worker | null {
    const ready = this.#workersOf(pool).filter((worker) =>
      isReadyFor(pool, worker),
    );
    const { expectedMs } = known;
    const chosen = chooseWorker(ready.map(loadOf), {
      expectedMs: expectedMs === null ? null : expectedMs * count,
      mayQueue: pool.retries > 0 && lostOn.length === 0,
    });
    return chosen === null ? null : ready[chosen]!;
  }

  #give(worker: Worker, task: PoolTask): void {
    const { number, function: known, calls, future } = task;
    worker.tasks.set(number, task);
    future.setRunning(true);
    this.#tellOf(worker, known);
    void this.#send(worker, {
      ...{ type: "task", task: number },
      ...{ function: known.number, calls },
    });
    this.#hear(worker);
  }

  #tellOf(worker: Worker, known: KnownFunction): void {
    if (worker.functions.has(known)) return;
    worker.functions.add(known);
    const { number, reference } = known;
    void this.#send(worker, { type: "function", number, reference });
  }

  /** Messages arrive in the order in which they are sent. Resolves when they have been taken over. */
  #send(worker: Worker, message: MasterMessage): Promise<void> {
    worker.outbox.push(message);
    return (worker.posting ??= this.#post(worker));
  }

  /** One message of the communicator's for all that is said in one turn of the event loop: results, too, arrive in bursts. */
  async #post(worker: Worker): Promise<void> {
    await nextTurn();
    worker.posting = null;
    const messages = worker.outbox.splice(0);
    try {
      await quickly(() => this.#comm.isend(messages, worker.rank, POOL_TAG));
    } catch (error) {
      this.#lose(worker, error);
    }
  }

  /** Takes what the worker says, as long as it owes an answer: waiting for more would keep the process alive. */
  #hear(worker: Worker): void {
    if (worker.isHeard) return;
    worker.isHeard = true;
    void this.#listen(worker);
  }

  async #listen(worker: Worker): Promise<void> {
    const breath = new Breath();
    while (owesAnswer(worker)) {
      let messages: readonly WorkerMessage[];
      try {
        messages = await quickly(() =>
          this.#comm.irecv<WorkerMessage[]>(worker.rank, POOL_TAG),
        );
      } catch (error) {
        this.#lose(worker, error);
        break;
      }
      for (const message of messages) this.#take(worker, message);
      this.#changed();
      await breath.take();
    }
    worker.isHeard = false;
  }

  #take(worker: Worker, message: WorkerMessage): void {
    switch (message.type) {
      case "ready": {
        const pool = [...worker.pools.keys()].find(
          ({ number }) => number === message.pool,
        );
        if (pool === undefined) break;
        worker.pools.set(pool, { isReady: true });
        if (message.thrown !== null)
          pool.break(initializerFailed(message.thrown, worker.rank));
        break;
      }
      case "done": {
        const task = worker.tasks.get(message.task)!;
        worker.tasks.delete(message.task);
        observe(task.function, message.tookMs / task.count);
        task.pool.settle(task, message.outcome);
        break;
      }
    }
  }

  #changed(): void {
    this.deal();
    const listeners = this.#whenChanged;
    this.#whenChanged = [];
    for (const listener of listeners) listener();
  }

  /** What the worker had goes back to the pools it came from, or fails if it has been lost too often. */
  #lose(worker: Worker, error: unknown): void {
    if (!this.#workers.delete(worker)) return;
    const { message } = error as Error;
    this.#losses.push(message);
    const again = new Map<PoolState, PoolTask[]>();
    for (const task of worker.tasks.values()) {
      const { pool, future, lostOn } = task;
      lostOn.push(worldRank(worker, error));
      if (lostOn.length > pool.retries || pool.broken)
        future.fail(lostTask(task, error));
      else {
        future.setRunning(false);
        again.set(pool, [...(again.get(pool) ?? []), task]);
      }
    }
    for (const [pool, tasks] of again) pool.queue.putBack(tasks);
    if (this.#workers.size === 0)
      this.#breakAll(
        new BrokenPoolError(
          `all ${this.#hired} workers of the pool are lost: ${this.#losses.join("; ")}`,
          { cause: error },
        ),
      );
    this.#changed();
  }

  #breakAll(error: BrokenPoolError): void {
    this.#broken = error;
    for (const pool of this.#pools) pool.break(error);
    this.#changed();
  }
}

const isReadyFor = (pool: PoolState, { pools }: Worker): boolean =>
  pool.initializer === null || pools.get(pool)?.isReady === true;

function loadOf({ tasks }: Worker): Load {
  let expectedMs = 0;
  let isUnderSuspicion = false;
  for (const { function: known, count, lostOn } of tasks.values()) {
    // Of what nothing is known, nothing else may wait.
    expectedMs += (known.expectedMs ?? Infinity) * count;
    isUnderSuspicion ||= lostOn.length > 0;
  }
  return { tasks: tasks.size, expectedMs, isUnderSuspicion };
}

const owesAnswer = ({ tasks, pools }: Worker): boolean =>
  tasks.size > 0 || [...pools.values()].some(({ isReady }) => !isReady);

const worldRank = (worker: Worker, error: unknown): number =>
  error instanceof ProcessFailedError && error.failedRanks.length > 0
    ? error.failedRanks[0]!
    : worker.rank;

function lostTask(
  { function: { reference }, lostOn }: PoolTask,
  error: unknown,
): ProcessFailedError {
  const ranks = lostOn.map((rank) => `rank ${rank}`).join(", then ");
  const name = reference.name || "a function without a name";
  const often = lostOn.length === 1 ? "" : ` ${lostOn.length} times`;
  return new ProcessFailedError(
    `a task of ${name} was lost with its worker${often} (${ranks}), and is not run again: ${(error as Error).message}`,
    lostOn,
    { cause: error },
  );
}
