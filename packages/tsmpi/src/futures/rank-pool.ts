import {
  type AnyFunction,
  ArgumentError,
  FinalizedError,
  RootError,
} from "@tsmpi/protocol";
import type { Intracomm } from "@tsmpi/worker";
import type { Crew } from "./crew";
import { MapResults, type MapOptions } from "./map-results";
import { PoolState } from "./pool-state";
import { RankFuture } from "./rank-future";
import { RemoteCrew } from "./remote-crew";
import { encodeCalls } from "./run-task";
import { serve } from "./serve";
import {
  asWorker,
  crewForPools,
  isPoolWorker,
  localCrew,
  sharedCrew,
} from "./shared-crew";
import { chunksOf, isSource, type Source, TaskFeed, zip } from "./task-feed";

/** Of a `RankPool`. */
export interface RankPoolOptions {
  /** Workers that the pool uses, at most. Default: all. */
  readonly maxWorkers?: number;
  /** Called on each worker before its first task of the pool; a function like a task's. If it throws, the pool is broken. */
  readonly initializer?: (...args: never[]) => unknown;
  readonly initargs?: readonly unknown[];
  /**
   * How often a task may be begun again that was lost with its worker. Default: 1. With 0 no task is ever begun twice, and none is
   * sent ahead.
   */
  readonly retries?: number;
}

/** What `shutdown` does with tasks that are not done. */
export interface ShutdownOptions {
  /** Resolve when all tasks are done. Default: true. */
  readonly wait?: boolean;
  /** Cancel those that have not begun. */
  readonly cancelFutures?: boolean;
}

/** What each source gives. */
type ValuesOf<Sources extends readonly Source<unknown>[]> = {
  readonly [I in keyof Sources]: Sources[I] extends Source<infer T> ? T : never;
};

const BUFFERED_PER_WORKER = 32;

/**
 * Runs tasks on other ranks, whichever is free: what `MPIPoolExecutor` of mpi4py.futures is to Python. Rank 0 has the pool, the
 * others run its tasks (`tsrun -n 5 -m futures program.ts`); in a job of one rank the tasks run in this process, one after the
 * other, with the same results.
 *
 *     const pool = new RankPool();
 *     const future = pool.submit(isPrime, 97);
 *     for await (const line of pool.map(juliaLine, range(480))) …
 *
 * A task is a function that a module exports: workers load that module, which may be the program itself, and find it there.
 * Arguments and results are copied: whatever `comm.send` takes. Errors arrive with the stack that they had on the worker.
 *
 * A task that is lost with its worker is run once more, on another.
 */
export class RankPool implements AsyncDisposable {
  readonly #crew: Crew;
  readonly #state: PoolState;
  #isShut = false;

  /**
   * @throws {CommunicatorError} nobody is there to run tasks: the ranks of the job all run this program
   * @throws {ArgumentError} an option is wrong, or workers cannot find the initializer
   */
  constructor(options?: RankPoolOptions);
  constructor(options: RankPoolOptions = {}, crew: Crew = crewForPools()) {
    this.#crew = crew;
    this.#state = stateOf(options, this.#crew);
    this.#crew.join(this.#state);
  }

  /**
   * A pool within a program that all ranks run: `root` gets it, the others run its tasks until `body` has ended there; then all go
   * on. Every rank of the communicator calls it. Under `tsrun -m futures` the pool is one of those ranks.
   *
   *     const primes = await RankPool.over(MPI.COMM_WORLD, 0, (pool) => pool.map(isPrime, numbers).toArray());
   *
   * @returns on `root` what `body` returns, null on the others
   * @throws {RootError} `root` is not a rank of the communicator
   * @throws what `body` throws, on `root`; tasks that have not begun are cancelled then
   */
  static async over<T>(
    comm: Intracomm,
    root: number,
    body: (pool: RankPool) => T | PromiseLike<T>,
    options: RankPoolOptions = {},
  ): Promise<T | null> {
    // Its program was loaded for a function in it.
    if (isPoolWorker()) return null;
    const shared = sharedCrew();
    if (shared) return withPool(shared, body, options);
    const { rank, size } = comm;
    if (!Number.isInteger(root) || root < 0 || root >= size)
      throw new RootError(`root ${root} is not a rank from 0 to ${size - 1}`);
    if (size === 1) return withPool(localCrew(rank), body, options);
    const [own, opening] = comm.Idup();
    try {
      if (rank === root) {
        const ranks = Array.from({ length: size }, (_, other) => other).filter(
          (other) => other !== root,
        );
        const crew = new RemoteCrew(own, { ranks, opening: () => opening });
        try {
          return await withPool(crew, body, options);
        } finally {
          await crew.dismiss();
        }
      }
      await opening;
      await asWorker(false, () => serve(own, root, body));
      return null;
    } finally {
      own.free();
    }
  }

  /** Workers that live and that the pool may use; 0 once it is shut down or broken. */
  get numWorkers(): number {
    return this.#isShut || this.#state.broken
      ? 0
      : Math.min(this.#crew.size, this.#state.maxWorkers);
  }

  /**
   * Resolves when the workers are there and the initializer has returned on each. Tasks need not wait for it.
   *
   * @throws {BrokenPoolError} the initializer has failed, or all workers are lost
   */
  async bootup(): Promise<this> {
    this.#assertOpen();
    await this.#crew.ready(this.#state);
    return this;
  }

  /**
   * Has `fn(...args)` called by a worker.
   *
   * @throws {ArgumentError} workers cannot find `fn`: it is a closure, or no module exports it
   * @throws {SerializationError} an argument cannot be sent; names the path to it
   * @throws {BrokenPoolError} the pool is broken
   * @throws {FinalizedError} the pool is shut down
   */
  submit<Args extends readonly unknown[], Result>(
    fn: (...args: Args) => Result,
    ...args: Args
  ): RankFuture<Awaited<Result>> {
    const future = new RankFuture<Awaited<Result>>();
    this.#add(fn, [args], future, ([value]) => value);
    return future;
  }

  /**
   * Calls `fn` with the next value of each of the iterables, until one of them ends, on whichever worker is free. They are read as
   * results are taken, never far ahead: they may be endless.
   *
   * @returns the results, in order unless the options say otherwise; the first that is an error ends them
   * @throws {ArgumentError} workers cannot find `fn`, or an option is wrong
   */
  map<Sources extends readonly Source<unknown>[], Result>(
    fn: (...args: ValuesOf<Sources>) => Result,
    ...iterables: Sources
  ): MapResults<Awaited<Result>>;
  map<Sources extends readonly Source<unknown>[], Result>(
    fn: (...args: ValuesOf<Sources>) => Result,
    ...iterablesAndOptions: [...Sources, MapOptions]
  ): MapResults<Awaited<Result>>;
  map<Result>(
    fn: (...args: never[]) => Result,
    ...iterables: readonly (Source<unknown> | MapOptions)[]
  ): MapResults<Awaited<Result>> {
    const last = iterables.at(-1);
    const options = isSource(last) ? {} : (last ?? {});
    const sources = iterables.slice(0, isSource(last) ? undefined : -1);
    sources.forEach((source, index) => {
      if (!isSource(source))
        throw new ArgumentError(
          `iterable ${index} of map is none: give an array, a generator, or anything else that can be iterated over`,
        );
    });
    if (sources.length === 0)
      throw new ArgumentError("map needs an iterable for each argument");
    return this.#map(fn, zip(sources as Source<unknown>[]), options);
  }

  /** Like `map`; takes lists of arguments. */
  starmap<Args extends readonly unknown[], Result>(
    fn: (...args: Args) => Result,
    lists: Source<Readonly<Args>>,
    options: MapOptions = {},
  ): MapResults<Awaited<Result>> {
    if (!isSource(lists))
      throw new ArgumentError("starmap takes an iterable of argument lists");
    return this.#map(fn, lists, options);
  }

  /**
   * No more tasks can be submitted. Resolves when those that were are done. A `map` that has not read its input to the end ends
   * with an error. Without it the program ends all the same, when its tasks are done.
   */
  async shutdown({
    wait = true,
    cancelFutures = false,
  }: ShutdownOptions = {}): Promise<void> {
    this.#isShut = true;
    if (cancelFutures) this.#state.cancelWaiting();
    const over = this.#state.idle().then(() => this.#crew.part(this.#state));
    if (wait) await over;
  }

  /** `await using pool = new RankPool()`: shuts it down at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #map<Result>(
    fn: AnyFunction,
    lists: Source<readonly unknown[]>,
    {
      chunksize = 1,
      unordered = false,
      timeoutMs,
      buffersize = BUFFERED_PER_WORKER * Math.max(1, this.numWorkers),
    }: MapOptions,
  ): MapResults<Awaited<Result>> {
    this.#assertOpen();
    checkCount("chunksize", chunksize);
    checkCount("buffersize", buffersize);
    if (timeoutMs !== undefined && !(timeoutMs >= 0))
      throw new ArgumentError(
        `timeoutMs is ${timeoutMs}, and must be a time in milliseconds`,
      );
    // Not when the first task is submitted: a wrong function is a mistake in this call.
    this.#crew.functions.get(fn);
    type T = Awaited<Result>;
    const feed = new TaskFeed<(readonly unknown[])[], T>({
      source: chunksOf(lists, chunksize),
      room: buffersize,
      submit: (calls) => {
        const future = new RankFuture<readonly T[]>();
        this.#add(fn, calls, future, (values) => values);
        return future;
      },
    });
    return new MapResults<T>(feed as TaskFeed<unknown, T>, {
      unordered,
      timeoutMs: timeoutMs ?? null,
    });
  }

  #add<T>(
    fn: AnyFunction,
    calls: readonly (readonly unknown[])[],
    future: RankFuture<T>,
    valueOf: (values: readonly unknown[]) => unknown,
  ): void {
    this.#assertOpen();
    if (this.#state.broken) throw this.#state.broken;
    this.#state.add({
      number: nextTask++,
      pool: this.#state,
      function: this.#crew.functions.get(fn),
      calls: encodeCalls(calls),
      count: calls.length,
      future,
      valueOf,
      lostOn: [],
    });
    this.#crew.deal();
  }

  #assertOpen(): void {
    if (this.#isShut)
      throw new FinalizedError("the pool has been shut down; make a new one");
  }
}

let nextTask = 0;
let nextPool = 0;

/** The constructor as it is called here: users choose no crew. */
const PoolOf = RankPool as new (
  options: RankPoolOptions,
  crew: Crew,
) => RankPool;

async function withPool<T>(
  crew: Crew,
  body: (pool: RankPool) => T | PromiseLike<T>,
  options: RankPoolOptions,
): Promise<T> {
  const pool = new PoolOf(options, crew);
  let isDone = false;
  try {
    const result = await body(pool);
    isDone = true;
    return result;
  } finally {
    await pool.shutdown({ cancelFutures: !isDone });
  }
}

function stateOf(
  { maxWorkers, initializer, initargs = [], retries = 1 }: RankPoolOptions,
  { functions }: Crew,
): PoolState {
  if (maxWorkers !== undefined) checkCount("maxWorkers", maxWorkers);
  if (!Number.isInteger(retries) || retries < 0)
    throw new ArgumentError(
      `retries is ${retries}, and must be a whole number from 0`,
    );
  return new PoolState({
    number: nextPool++,
    maxWorkers: maxWorkers ?? Infinity,
    retries,
    initializer: initializer
      ? { function: functions.get(initializer), args: encodeCalls([initargs]) }
      : null,
  });
}

function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError(
      `${name} is ${value}, and must be a whole number from 1`,
    );
}
