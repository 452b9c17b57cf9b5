// What a pool does with any number of workers, and with none. Prints one JSON object: what came of each case.
import {
  MPI,
  RankFuture,
  RankPool,
} from "../../../packages/tsmpi/dist/index.js";
import * as tasks from "./tasks.mts";

/** The program's own. */
export const triple = (n: number): number => 3 * n;
function unexported(): void {}

const results: Record<string, unknown> = {};
/** An error as JSON; any other value as it is. */
const plain = (value: unknown): unknown =>
  value instanceof Error
    ? {
        ...{ name: value.name, class: value.constructor.name },
        ...{ message: value.message, stack: value.stack },
        ...{ cause: plain(value.cause), properties: { ...value } },
        errors: value instanceof AggregateError ? value.errors.map(plain) : [],
      }
    : value;
async function outcome(body: () => unknown): Promise<unknown> {
  try {
    return await body();
  } catch (error) {
    return plain(error);
  }
}
async function note(name: string, body: () => unknown): Promise<void> {
  results[name] = await outcome(body);
}
function* count(from = 0): Generator<number> {
  for (let n = from; ; n++) yield n;
}
async function* later(values: Iterable<number>): AsyncGenerator<number> {
  for (const value of values) {
    await tasks.wait(1);
    yield value;
  }
}

if (MPI.COMM_WORLD.rank === 0) await main();

async function main(): Promise<void> {
  const pool = new RankPool();
  await note("workers", () => pool.numWorkers);
  await note("submit", () => pool.submit(tasks.square, 12));
  await note("async", () => pool.submit(tasks.add, 3, 4));
  await note("own function", () => pool.submit(triple, 5));
  await note("values", async () => {
    const values = [
      ...[1.5, -0, NaN, "é", true, null, undefined, 2n ** 70n],
      ...[[1, [2]], { a: { b: 1 } }, new Map([[1, "x"]]), new Set([1])],
      ...[new Date(5), Float32Array.of(1, 2), new Uint8Array(100_000).fill(7)],
    ];
    const back = await pool.submit(tasks.echo, ...values);
    const { isDeepStrictEqual } = await import("node:util");
    return isDeepStrictEqual(back, values);
  });
  await note("copied", async () => {
    const list = [1, 2, 3];
    const changed = await pool.submit(tasks.change, list);
    return [list, changed];
  });
  await note("arguments of the program", () => pool.submit(tasks.commandLine));

  // map
  await note("map", () => pool.map(tasks.square, [1, 2, 3]).toArray());
  await note("map of two", () =>
    pool.map(tasks.add, [1, 2, 3], count(10)).toArray(),
  );
  await note("map of text", () => pool.map(tasks.echo, "abc").toArray());
  await note("map of nothing", () =>
    pool.map(tasks.square, [] as number[]).toArray(),
  );
  await note("starmap", () =>
    pool
      .starmap(tasks.add, [
        [1, 2],
        [3, 4],
      ] as const)
      .toArray(),
  );
  await note("ordered", () => pool.map(tasks.wait, [300, 40, 20, 1]).toArray());
  await note("unordered", () =>
    pool.map(tasks.wait, [300, 40, 20, 1], { unordered: true }).toArray(),
  );
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  await note("chunks", async () => {
    const expected = numbers.map(tasks.square).join();
    const right: boolean[] = [];
    for (const chunksize of [1, 3, 50, 100])
      for (const unordered of [false, true]) {
        const all = pool.map(tasks.square, numbers, { chunksize, unordered });
        const values = (await all.toArray()).sort((a, b) => a - b);
        right.push(values.join() === expected);
      }
    return right;
  });
  await note("asynchronous input", () =>
    pool.map(tasks.add, later([1, 2, 3]), [10, 20, 30]).toArray(),
  );
  await note("back-pressure", async () => {
    const most: Record<string, number> = {};
    for (const unordered of [false, true])
      for (const chunksize of [1, 2]) {
        let pulled = 0;
        let taken = 0;
        let ahead = 0;
        const input = (function* () {
          for (const n of count()) {
            ahead = Math.max(ahead, ++pulled - taken);
            yield n;
          }
        })();
        const options = { buffersize: 5, chunksize, unordered };
        for await (const value of pool.map(tasks.square, input, options)) {
          void value;
          if (++taken === 200) break;
        }
        most[`${unordered ? "unordered" : "ordered"} ${chunksize}`] = ahead;
      }
    return most;
  });
  await note("left early", async () => {
    let isClosed = false;
    const input = (function* () {
      try {
        yield* count();
      } finally {
        isClosed = true;
      }
    })();
    const seen: number[] = [];
    for await (const value of pool.map(tasks.square, input)) {
      seen.push(value);
      if (seen.length === 3) break;
    }
    return [seen, isClosed];
  });
  await note("never begun to read", async () => {
    const all = pool.map(tasks.square, count(), { buffersize: 2 });
    return all.return();
  });
  await note("failing input", async () => {
    const seen: number[] = [];
    const input = (function* () {
      yield* [1, 2, 3];
      throw new Error("no more");
    })();
    const options = { chunksize: 2 };
    const error = await outcome(async () => {
      for await (const value of pool.map(tasks.square, input, options))
        seen.push(value);
    });
    return [seen, error];
  });
  await note("failing call", async () => {
    const seen: unknown[] = [];
    const error = await outcome(async () => {
      for await (const value of pool.map(tasks.failWith, [
        ...["none", "none", "TypeError", "none"],
      ]))
        seen.push(value);
    });
    return [seen.length, error];
  });
  await note("timeout", async () => {
    const startMs = performance.now();
    const seen: number[] = [];
    const error = await outcome(async () => {
      const options = { timeoutMs: 1_000 };
      for await (const ms of pool.map(tasks.wait, [1, 3_000, 1], options))
        seen.push(ms);
    });
    return [seen, error, performance.now() - startMs < 15_000];
  });

  // Errors. The worker that still waits above is one of those that get none of these.
  const other = new RankPool();
  for (const what of [
    ...["TypeError", "own", "named", "tsmpi", "node", "many", "text"],
  ])
    await note(`error ${what}`, () => other.submit(tasks.failWith, what));
  await note("error later", () => other.submit(tasks.rejectLater));
  await note("unsendable result", () => other.submit(tasks.unsendable));
  await note("result behind an unsendable one", () =>
    Promise.allSettled([
      other.submit(tasks.unsendable),
      other.submit(triple, 1),
    ]).then(([, second]) => second),
  );
  await note("unsendable argument", () =>
    other.submit(tasks.echo, 1, { layers: [{ f: () => 1 }] }),
  );
  const local = 5;
  await note("closure", () => other.submit((n: number) => n + local, 1));
  await note("made by another", () => other.submit(tasks.makeAdder(2), 1));
  await note("unexported", () => other.submit(unexported));
  await note("in an object", () => other.submit(tasks.fail.typeError));
  await note("built in", () => other.submit(Math.sqrt, 1));
  await note("bound", () => other.submit(triple.bind(null), 1));
  await note("no function", () => other.submit("triple" as never));
  await note("no iterable", () => other.map(tasks.echo, 5 as never));
  await note("chunksize", () => other.map(tasks.square, [1], { chunksize: 0 }));
  await note("buffersize", () =>
    other.map(tasks.square, [1], { buffersize: 1.5 }),
  );
  await note("maxWorkers", () => new RankPool({ maxWorkers: 0 }));
  await note("unawaited", () => {
    void other.submit(tasks.failWith, "TypeError");
  });

  // Futures
  await note("future", async () => {
    const one = new RankPool({ maxWorkers: 1 });
    const states = (future: RankFuture<unknown>) =>
      [
        future.running() && "running",
        future.done() && "done",
        future.cancelled() && "cancelled",
      ].filter(Boolean);
    await one.bootup();
    const first = one.submit(tasks.wait, 800);
    const second = one.submit(tasks.wait, 1);
    const third = one.submit(tasks.wait, 2);
    // Longer in a job of one rank, where the task begins in a turn of the event loop.
    await tasks.wait(50);
    const before = [first, second, third].map(states);
    const cancelled = [first, second, second].map((f) => f.cancel());
    const error = await outcome(() => second);
    const values = [await first, await third];
    const after = [first, second, third].map(states);
    return {
      ...{ before, cancelled, error, values, after },
      tooLate: first.cancel(),
      isPromise: [
        first instanceof RankFuture,
        Object.prototype.toString.call(first),
      ],
      used: await first.then((ms) => ms + 1).finally(() => {}),
    };
  });

  // Pools
  await note("initializer", async () => {
    const two = new RankPool({ initializer: tasks.setLevel, initargs: [7] });
    const levels = await Promise.all(
      [1, 2, 3, 4, 5].map(() => two.submit(tasks.getLevel)),
    );
    return [levels, (await two.bootup()) === two];
  });
  await note("failing initializer", async () => {
    const broken = new RankPool({ initializer: tasks.failToStart });
    const future = broken.submit(tasks.square, 1);
    return {
      future: await outcome(() => future),
      boot: await outcome(() => broken.bootup()),
      again: await outcome(() => broken.submit(tasks.square, 1)),
      workers: broken.numWorkers,
      others: await other.submit(tasks.square, 9),
    };
  });
  await note("shutdown", async () => {
    const short = new RankPool();
    const futures = [1, 2, 3].map((n) => short.submit(tasks.add, n, n));
    await short.shutdown();
    return {
      done: futures.map((future) => future.done()),
      again: await outcome(() => short.submit(tasks.add, 1, 1)),
      map: await outcome(() => short.map(tasks.square, [1])),
      boot: await outcome(() => short.bootup()),
      workers: short.numWorkers,
      twice: await outcome(() => short.shutdown()),
    };
  });
  await note("shutdown that cancels", async () => {
    const short = new RankPool({ maxWorkers: 1 });
    const futures = [1, 2, 3, 4].map(() => short.submit(tasks.wait, 30));
    await tasks.wait(10);
    await short.shutdown({ cancelFutures: true });
    return futures.filter((future) => future.cancelled()).length >= 3 - 1;
  });
  await note("shutdown that does not wait", async () => {
    const short = new RankPool();
    const future = short.submit(tasks.wait, 50);
    await short.shutdown({ wait: false });
    return [future.done(), await future];
  });
  await note("disposal", async () => {
    let future: RankFuture<number>;
    {
      await using short = new RankPool();
      future = short.submit(tasks.wait, 20);
    }
    return future.done();
  });
  await note("speed", async () => {
    await Promise.all(numbers.map(() => other.submit(tasks.nothing)));
    const tasksOf = async (body: () => Promise<unknown>, n: number) => {
      const startMs = performance.now();
      await body();
      return Math.round((n / (performance.now() - startMs)) * 1_000);
    };
    const many = Array.from({ length: 5_000 }, (_, n) => n);
    return {
      submit: await tasksOf(
        () => Promise.all(many.map(() => other.submit(tasks.nothing))),
        many.length,
      ),
      map: await tasksOf(
        () => other.map(tasks.square, many).toArray(),
        many.length,
      ),
    };
  });
  console.log(JSON.stringify(results));
  // The pools are neither shut down nor idle: nor need they be.
  process.exit();
}
