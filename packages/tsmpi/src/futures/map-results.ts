import { TimeoutError } from "@tsmpi/protocol";
import type { TaskFeed } from "./task-feed";

/** How `map` and `starmap` of a `RankPool` run their tasks. */
export interface MapOptions {
  /** Calls that make one task: with many short calls a larger one costs less. Default: 1. */
  readonly chunksize?: number;
  /** Gives each result as soon as it is there, not in the order of the input. */
  readonly unordered?: boolean;
  /** From the call of `map` on: a result that is asked for and not there by then raises `TimeoutError`. */
  readonly timeoutMs?: number;
  /** Tasks that are submitted and whose results have not been taken, at most: the input is read no further. Default: 32 a worker. */
  readonly buffersize?: number;
}

/**
 * The results of a `map`: an async iterable, once. The tasks have begun before the first result is asked for. Leaving the loop
 * early cancels what has not begun.
 */
export class MapResults<T> implements AsyncIterableIterator<T> {
  readonly #feed: TaskFeed<unknown, T>;
  readonly #generator: AsyncGenerator<T, undefined>;

  /** @internal Made by `map`. */
  constructor(
    feed: TaskFeed<unknown, T>,
    {
      unordered,
      timeoutMs,
    }: { readonly unordered: boolean; readonly timeoutMs: number | null },
  ) {
    this.#feed = feed;
    this.#generator = results(feed, {
      unordered,
      deadline: deadlineIn(timeoutMs),
    });
  }

  /** The next result, as soon as it is there. */
  next(): Promise<IteratorResult<T, undefined>> {
    return this.#generator.next();
  }
  /** Leaves the rest: what has not begun is cancelled. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#feed.close();
    return this.#generator.return(undefined);
  }
  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** All that are left, as an array. */
  async toArray(): Promise<T[]> {
    const all: T[] = [];
    for await (const value of this) all.push(value);
    return all;
  }
}

type Deadline = <Value>(promise: Promise<Value>) => Promise<Value>;

async function* results<T>(
  feed: TaskFeed<unknown, T>,
  {
    unordered,
    deadline,
  }: { readonly unordered: boolean; readonly deadline: Deadline },
): AsyncGenerator<T, undefined> {
  try {
    for (;;) {
      const values = await deadline(feed.take({ ordered: !unordered }));
      if (values === null) return;
      yield* values;
    }
  } finally {
    feed.close();
  }
}

function deadlineIn(timeoutMs: number | null): Deadline {
  if (timeoutMs === null) return (promise) => promise;
  const atMs = performance.now() + timeoutMs;
  return async (promise) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new TimeoutError(
              `a result of map was not there ${timeoutMs / 1_000} s after the call of map`,
            ),
          ),
        Math.max(0, atMs - performance.now()),
      );
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
