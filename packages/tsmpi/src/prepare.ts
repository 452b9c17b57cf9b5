import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { checkName } from "./check-name";
import { allowedCores } from "./cores";
import { usableGpus } from "./gpu-plan";
import type { RunOptions } from "./options";
import { planJob, type Plan, type PlanFacts } from "./plan";
import type { Host } from "./placement/choose-hosts";
import { readHosts } from "./placement/read-hosts";
import { locateProgram } from "./script";
import { rankCommand } from "./spawn";
import { UsageError } from "./usage-error";

/** What differs between `tsrun` and a program that launches. */
export interface Launcher extends Pick<PlanFacts, "variables" | "columns"> {
  /** Where relative names begin. */
  readonly cwd: string;
  readonly subcommands: readonly string[];
  /** The command that runs a script in a rank; default: by its extension. */
  readonly command?: PlanFacts["command"];
}

/** @throws {UsageError} */
export const makePlan = async (
  options: RunOptions,
  {
    variables,
    columns,
    cwd,
    subcommands,
    command = commandFor(options),
  }: Launcher,
): Promise<Plan> =>
  planJob(options, {
    ...{ variables, columns, command },
    ...(await connectHosts(
      await readHosts(options.hosts, cwd),
      options,
      variables,
    )),
    jobKey: randomBytes(32).toString("hex"),
    launcherPid: process.pid,
    locate: (program) => locateProgram(program, { cwd, subcommands }),
  });

/** What is there of each host, and where the others reach the first one. */
async function connectHosts(
  hosts: readonly Host[],
  options: RunOptions,
  variables: Launcher["variables"],
): Promise<Pick<PlanFacts, "hosts" | "masterAddr">> {
  const remote = hosts.find(({ isLocal }) => !isLocal);
  if (remote !== undefined || options.hosts.agents !== null)
    throw new UsageError(
      `${remote === undefined ? "agents" : `host ${remote.name}`}: not connected; this version starts ranks on this machine only`,
    );
  const gpus = await gpusFor(options, variables);
  const cores = usableCores();
  return {
    hosts: hosts.map((host) => ({ ...host, cores, gpus })),
    masterAddr: null,
  };
}

const commandFor =
  ({ module }: RunOptions): PlanFacts["command"] =>
  (script, rank) =>
    module === "futures" && rank > 0
      ? [...rankCommand(script), join(__dirname, "pool-worker.js")]
      : rankCommand(script);

function usableCores(): number[] {
  try {
    const cores = allowedCores(readFileSync("/proc/self/status", "utf8"));
    if (cores !== null) return cores;
  } catch {
    // No /proc: not Linux.
  }
  return Array.from({ length: availableParallelism() }, (_, core) => core);
}

/** Without a driver there is nothing to ask, and an engine that computes on the CPU needs none. */
async function gpusFor(
  { engine, device, gpus, gpusPerRank }: RunOptions,
  variables: Launcher["variables"],
): Promise<string[]> {
  const onCpu =
    (device ?? variables.TSMPI_DEVICE) === "cpu" ||
    !["auto", "tensorflow"].includes(
      engine ?? (variables.TSMPI_ENGINE || "auto"),
    );
  if (onCpu && (gpus !== null || gpusPerRank !== null))
    throw new UsageError(
      `${gpus === null ? "--gpus-per-rank" : "--gpus"}: ${device === "cpu" ? "--device cpu" : `the engine ${engine}`} uses no GPU; leave one of the two out`,
    );
  const hasDriver = (variables.PATH ?? "")
    .split(delimiter)
    .some((folder) => existsSync(join(folder, "nvidia-smi")));
  if (onCpu || (!hasDriver && gpus === null)) return [];
  const { findGpus } = await import("@tsmpi/engine");
  return usableGpus({
    asked: gpus,
    inherited: variables.CUDA_VISIBLE_DEVICES,
    present: findGpus().gpus,
  });
}

/**
 * Loads a package only for the name that it knows.
 *
 * @throws {UsageError}
 */
export async function checkNames({
  allreduce,
  compression,
  transport,
  engine,
  device,
}: Pick<
  RunOptions,
  "allreduce" | "compression" | "transport" | "engine" | "device"
>): Promise<void> {
  if (allreduce !== null) {
    const { ALGORITHM_NAMES } = await import("@tsmpi/collective");
    checkName("--allreduce", allreduce, ALGORITHM_NAMES.allreduce);
  }
  if (compression !== null) {
    const { COMPRESSIONS } = await import("@tsmpi/collective");
    checkName("--compression", compression, COMPRESSIONS);
  }
  if (transport !== null) {
    const { TRANSPORT_NAMES } = await import("@tsmpi/transport");
    checkName("--transport", transport, TRANSPORT_NAMES);
  }
  if (engine !== null) {
    const { ENGINE_NAMES } = await import("@tsmpi/engine");
    checkName("--engine", engine, ENGINE_NAMES);
  }
  if (device !== null) {
    const { DEVICES } = await import("@tsmpi/engine");
    checkName("--device", device, DEVICES);
  }
}
