// Its main part is not kept from workers.
import { RankPool } from "../../../../../packages/tsmpi/dist/index.js";

export const double = (n: number): number => 2 * n;

const pool = new RankPool();
console.log(
  await pool.submit(double, 1).catch((error: unknown) => String(error)),
);
