// With and without -m futures.
import { MPI, RankPool } from "../../../../packages/tsmpi/dist/index.js";

export const square = (n: number): number => n * n;

await RankPool.over(MPI.COMM_WORLD, 0, async (pool) => {
  const squares = await pool.map(square, [1, 2, 3]).toArray();
  console.log(`${squares.join()} of ${pool.numWorkers} workers`);
});
