// An ES module by its package.json, whose workers are asked for at its top level.
import { RankPool } from "../../../../../packages/tsmpi/dist/index.js";

export const double = (n: number): number => 2 * n;

if (process.env.RANK === "0") {
  await using pool = new RankPool();
  console.log((await pool.map(double, [10, 20]).toArray()).join());
}
