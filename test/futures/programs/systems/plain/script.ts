// CommonJS, since its package.json does not say "module".
import { RankPool } from "../../../../../packages/tsmpi/dist/index.js";
import { half } from "./lib";

export function double(n: number): number {
  return 2 * n;
}

async function main() {
  const pool = new RankPool();
  const values = [pool.submit(double, 10), pool.submit(half, 10)];
  console.log((await Promise.all(values)).join());
}
if (require.main === module) void main();
