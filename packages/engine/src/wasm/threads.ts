import { coresPerRank } from "../threads";

/** What TensorFlow and OpenMP read; `tsrun` sets both to a rank's share of the cores. */
const VARIABLES = ["TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"];

/** The library's pool has no more. */
const MOST = 8;

/** How many threads this process may compute with: what the user has set, else its share of the cores of this host. */
export function threadCount(variables = process.env, cores?: number): number {
  const set = VARIABLES.map((name) => Number.parseInt(variables[name] ?? ""));
  const wanted =
    set.find((count) => count > 0) ?? coresPerRank(variables, cores);
  return Math.min(wanted, MOST);
}
