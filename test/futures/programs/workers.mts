// What a pool does when workers are slow, or lost. `workers.mts CASE`; prints one JSON object.
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { MPI, RankPool } from "../../../packages/tsmpi/dist/index.js";
import { rank, setLevel, square, uneven, wait } from "./tasks.mts";

/** The first time, in whichever process, it does not come to its end. */
export async function dieOnce(file: string, n: number): Promise<number> {
  await sleep(20);
  if (n === 5 && !existsSync(file)) {
    writeFileSync(file, "");
    process.kill(process.pid, "SIGKILL");
    for (;;);
  }
  return n;
}
export function die(how: string): never {
  if (how === "exit") process.exit(3);
  if (how === "leave") process.exit(0);
  process.kill(process.pid, "SIGKILL");
  for (;;);
}
/** It fails behind the task's back. */
export async function dieLater(): Promise<void> {
  setTimeout(() => {
    throw new Error("behind its back");
  }, 1);
  await sleep(10_000);
}
export const processId = (): number => process.pid;
export async function count(file: string): Promise<void> {
  writeFileSync(file, "x", { flag: "a" });
  await sleep(5);
  die("kill");
}
export async function dieInitializing(): Promise<void> {
  await sleep(10);
  if (MPI.COMM_WORLD.rank === 1) die("kill");
}

const failure = (error: unknown) => {
  const { name, message, failedRanks, cause } = error as Error & {
    readonly failedRanks?: readonly number[];
  };
  return { name, message, failedRanks, cause: (cause as Error)?.message };
};
const settled = (futures: readonly PromiseLike<unknown>[]) =>
  Promise.all(futures.map((future) => future.then((value) => value, failure)));
const tally = (values: readonly number[]) =>
  Object.fromEntries(
    [...new Set(values)]
      .sort()
      .map((value) => [value, values.filter((v) => v === value).length]),
  );

const file = process.argv[3]!;
const cases: Readonly<Record<string, () => Promise<unknown>>> = {
  async balance() {
    const pool = new RankPool();
    // Each has begun: one that starts late has few of the others' tasks, too.
    const begun = new Set<number>();
    while (begun.size < pool.numWorkers)
      for await (const one of pool.map(rank, Array.from({ length: 100 })))
        begun.add(one);
    const ranks = await pool.map(uneven, Array.from({ length: 60 })).toArray();
    const two = new RankPool({ maxWorkers: 2 });
    const few = await Promise.all(
      Array.from({ length: 20 }, () => two.submit(rank)),
    );
    // Many short ones: sent ahead, and yet to all.
    const short = await pool.map(rank, Array.from({ length: 2_000 })).toArray();
    return {
      ...{ slow: tally(ranks), two: tally(few), short: tally(short) },
      workers: [pool.numWorkers, two.numWorkers],
    };
  },
  async killed() {
    const pool = new RankPool();
    const lists = Array.from({ length: 40 }, (_, n) => [file, n] as const);
    const values = await pool.starmap(dieOnce, lists).toArray();
    return [values, pool.numWorkers, await pool.submit(square, 5)];
  },
  async outside() {
    const pool = new RankPool();
    const pids = await settled(
      Array.from({ length: 3 }, () => pool.submit(processId)),
    );
    const futures = Array.from({ length: 6 }, () => pool.submit(wait, 300));
    await sleep(100);
    process.kill(pids[0] as number, "SIGKILL");
    return [await settled(futures), pool.numWorkers];
  },
  /** Nobody is told while a worker has nothing to do: it is noticed when it is given something. */
  async idle() {
    const pool = new RankPool();
    const pid = await pool.submit(processId);
    process.kill(pid, "SIGKILL");
    await sleep(1_000);
    const all = Array.from({ length: 4 }, (_, n) => pool.submit(square, n));
    return [await settled(all), pool.numWorkers];
  },
  async poison() {
    const pool = new RankPool();
    const first = pool.submit(die, "kill");
    const others = Array.from({ length: 10 }, (_, n) => pool.submit(square, n));
    return {
      poison: (await settled([first]))[0],
      others: await settled(others),
      workers: pool.numWorkers,
    };
  },
  async retries() {
    const never = new RankPool({ retries: 0 });
    const often = new RankPool({ retries: 2 });
    return settled([never.submit(die, "exit"), often.submit(count, file)]);
  },
  async left() {
    const pool = new RankPool();
    return settled([pool.submit(die, "leave"), pool.submit(dieLater)]);
  },
  async all() {
    const pool = new RankPool();
    const other = new RankPool();
    const futures = [1, 2, 3, 4, 5].map(() => pool.submit(die, "kill"));
    const outcomes = await settled(futures);
    const errors = [pool, other].map((broken) => {
      try {
        return void broken.submit(square, 1);
      } catch (error) {
        return failure(error);
      }
    });
    return {
      outcomes,
      errors,
      late: (await settled([new RankPool().bootup()]))[0],
      workers: [pool.numWorkers, other.numWorkers],
    };
  },
  async initializing() {
    const pool = new RankPool({ initializer: dieInitializing });
    await pool.bootup();
    const one = new RankPool({
      ...{ maxWorkers: 1, initializer: setLevel, initargs: [3] },
    });
    return [pool.numWorkers, await one.submit(rank), await pool.submit(rank)];
  },
};

if (MPI.COMM_WORLD.rank === 0)
  console.log(JSON.stringify(await cases[process.argv[2]!]!()));
