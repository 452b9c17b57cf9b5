import { availableParallelism } from "node:os";
import { readEnvironment } from "@tsmpi/protocol";

/** What a rank has of its host's cores, at least one: as many threads it computes with unless the user says otherwise. */
export function coresPerRank(
  variables = process.env,
  cores = availableParallelism(),
): number {
  const { localSize } = readEnvironment(variables);
  return Math.max(1, Math.floor(cores / localSize));
}
