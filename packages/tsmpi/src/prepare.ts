import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { checkName } from "./check-name";
import { gpusHere, usableCores } from "./devices";
import type { RunOptions } from "./options";
import { planJob, type Plan, type PlanFacts } from "./plan";
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
    gpus: mayUseGpus(options, variables)
      ? await gpusHere({ asked: options.gpus, variables })
      : [],
    host: hostname(),
    cores: usableCores(),
    jobKey: randomBytes(32).toString("hex"),
    launcherPid: process.pid,
    locate: (program) => locateProgram(program, { cwd, subcommands }),
  });

const commandFor =
  ({ module }: RunOptions): PlanFacts["command"] =>
  (script, rank) =>
    module === "futures" && rank > 0
      ? [...rankCommand(script), join(__dirname, "pool-worker.js")]
      : rankCommand(script);

/** Whether ranks may compute on a GPU. @throws {UsageError} GPUs are asked for, and nothing would use them */
export function mayUseGpus(
  { engine, device, gpus, gpusPerRank }: RunOptions,
  variables: Launcher["variables"],
): boolean {
  const onCpu =
    (device ?? variables.TSMPI_DEVICE) === "cpu" ||
    !["auto", "tensorflow"].includes(
      engine ?? (variables.TSMPI_ENGINE || "auto"),
    );
  if (onCpu && (gpus !== null || gpusPerRank !== null))
    throw new UsageError(
      `${gpus === null ? "--gpus-per-rank" : "--gpus"}: ${device === "cpu" ? "--device cpu" : `the engine ${engine}`} uses no GPU; leave one of the two out`,
    );
  return !onCpu;
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
