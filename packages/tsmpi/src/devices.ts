import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { allowedCores } from "./cores";
import { usableGpus } from "./gpu-plan";

/** The cores of this host that we may run on, by number. */
export function usableCores(): number[] {
  try {
    const cores = allowedCores(readFileSync("/proc/self/status", "utf8"));
    if (cores !== null) return cores;
  } catch {
    // No /proc: not Linux.
  }
  return Array.from({ length: availableParallelism() }, (_, core) => core);
}

/**
 * The GPUs of this host that ranks may use. Without a driver there is nothing to ask.
 *
 * @param asked by number or UUID; null: all there are
 * @throws {UsageError} one that is asked for is not there
 */
export async function gpusHere({
  asked,
  variables,
}: {
  readonly asked: readonly string[] | null;
  readonly variables: Readonly<Record<string, string | undefined>>;
}): Promise<string[]> {
  const hasDriver = (variables.PATH ?? "")
    .split(delimiter)
    .some((folder) => existsSync(join(folder, "nvidia-smi")));
  if (!hasDriver && asked === null) return [];
  const { findGpus } = await import("@tsmpi/engine");
  return usableGpus({
    asked,
    inherited: variables.CUDA_VISIBLE_DEVICES,
    present: findGpus().gpus,
  });
}
