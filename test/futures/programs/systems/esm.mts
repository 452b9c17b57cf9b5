// An ES module with tasks of its own, of an ES module and of two CommonJS modules.
import { MPI, RankPool } from "../../../../packages/tsmpi/dist/index.js";
import compiled from "./lib.cts";
import plain from "./old.cjs";
import renamed, { half as divided } from "./lib.mjs";

export function double(n: number): number {
  return 2 * n;
}

if (MPI.COMM_WORLD.rank === 0) {
  const pool = new RankPool();
  const all = [double, divided, renamed, compiled.minus, plain.plus];
  const values = await Promise.all(all.map((fn) => pool.submit(fn, 10)));
  console.log(values.join());
}
