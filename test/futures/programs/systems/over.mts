// A pool within a program that all ranks run, which awaits it at its top level.
import { MPI, RankPool } from "../../../../packages/tsmpi/dist/index.js";

export const square = (n: number): number => n * n;
export const rank = async (): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return MPI.COMM_WORLD.rank;
};

const comm = MPI.COMM_WORLD;
const root = 1 % comm.size;
const say = (text: string) => console.log(`rank ${comm.rank}${text}`);
const outcome = (promise: Promise<unknown>) =>
  promise
    .then((value) => say(`: ${String(value)}`))
    .catch((error: unknown) => say(`: ${String(error).split(",")[0]}`));

const squares = await RankPool.over(comm, root, async (pool) => {
  const all = [1, 2, 3, 4, 5, 6].map(() => pool.submit(rank));
  const ranks = [...new Set(await Promise.all(all))].sort();
  console.log(`${pool.numWorkers} workers on ${ranks.join()}`);
  return pool.map(square, [0, 1, 2, 3, 4]).toArray();
});
say(` got ${squares?.join() ?? "null"}, ${comm.allreduce(1)} ranks go on`);

await outcome(
  RankPool.over(comm, root, () => {
    throw new Error("in the body");
  }),
);
await outcome(RankPool.over(comm, comm.size, () => 1));
await outcome((async () => void new RankPool())().then(() => null));
