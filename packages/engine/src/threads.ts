import { availableParallelism } from "node:os";
import { readEnvironment } from "@tsmpi/protocol";

/** What TensorFlow and OpenMP read; `tsrun` sets both. */
const VARIABLES = ["TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"];

/** With how many threads this process may compute: as many as the user has set, else its rank's share of the cores of this host. */
export function threadCount(
  variables = process.env,
  cores = availableParallelism(),
): number {
  const { localSize } = readEnvironment(variables);
  const set = VARIABLES.map((name) => Number.parseInt(variables[name] ?? ""));
  const share = Math.max(1, Math.floor(cores / localSize));
  return set.find((count) => count > 0) ?? share;
}
