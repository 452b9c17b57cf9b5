import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { registeredName } from "@tsmpi/protocol";
import { allowedCores } from "./cores";
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
export const makePlan = (
  options: RunOptions,
  { variables, columns, cwd, subcommands, command = rankCommand }: Launcher,
): Plan =>
  planJob(options, {
    ...{ variables, columns, command },
    host: hostname(),
    cores: usableCores(),
    jobKey: randomBytes(32).toString("hex"),
    launcherPid: process.pid,
    locate: (program) => locateProgram(program, { cwd, subcommands }),
  });

function usableCores(): number[] {
  try {
    const cores = allowedCores(readFileSync("/proc/self/status", "utf8"));
    if (cores !== null) return cores;
  } catch {
    // No /proc: not Linux.
  }
  return Array.from({ length: availableParallelism() }, (_, core) => core);
}

/**
 * Loads a package only for the name that it knows.
 *
 * @throws {UsageError}
 */
export async function checkNames({
  allreduce,
  transport,
  engine,
}: Pick<RunOptions, "allreduce" | "transport" | "engine">): Promise<void> {
  if (allreduce !== null) {
    const { ALLREDUCE_NAMES } = await import("@tsmpi/collective");
    check("--allreduce", allreduce, ALLREDUCE_NAMES);
  }
  if (transport !== null) {
    const { TRANSPORT_NAMES } = await import("@tsmpi/transport");
    check("--transport", transport, TRANSPORT_NAMES);
  }
  if (engine !== null) {
    const { ENGINE_NAMES } = await import("@tsmpi/engine");
    check("--engine", engine, ENGINE_NAMES);
  }
}

function check(flag: string, name: string, names: readonly string[]): void {
  try {
    registeredName(flag, name, names);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
