import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { checkName } from "./check-name";
import { gatherHosts, type Gathered } from "./hosts/gather";
import type { Host } from "./hosts/host";
import { findMeetingPlace } from "./hosts/meeting-place";
import type { RunOptions } from "./options";
import { placeRanks, planJob, type Plan, type PlanFacts } from "./plan";
import { locateProgram } from "./script";
import { rankCommand } from "./spawn";
import { UsageError } from "./usage-error";

/** What differs between `tsrun` and a program that launches. */
export interface Launcher extends Pick<PlanFacts, "variables" | "columns"> {
  /** Where relative names begin. */
  readonly cwd: string;
  readonly subcommands: readonly string[];
  /** The job is not wanted any more. Nobody listens once it has been prepared. */
  readonly signal: AbortSignal;
  /** The command that runs a script in a rank; default: by its extension. */
  readonly command?: PlanFacts["command"];
}

/** A job that can begin. */
export interface PreparedJob {
  readonly plan: Plan;
  /** By the plan's numbers. */
  readonly hosts: readonly Host[];
  /** Ends what still runs, and all connections. */
  close(): Promise<void>;
}

/**
 * Reaches the hosts, and decides which rank runs what, where.
 *
 * @throws {UsageError}
 * @throws {HostError} a host cannot be used; none is left connected
 * @throws the signal's reason, at once; none is left connected
 */
export async function prepareJob(
  options: RunOptions,
  launcher: Launcher,
): Promise<PreparedJob> {
  const reaching = new AbortController();
  // A listener for each host.
  setMaxListeners(0, reaching.signal);
  const abort = (): void => reaching.abort(launcher.signal.reason);
  launcher.signal.addEventListener("abort", abort);
  try {
    launcher.signal.throwIfAborted();
    return await reachAndPlan(options, launcher, reaching.signal);
  } finally {
    launcher.signal.removeEventListener("abort", abort);
  }
}

async function reachAndPlan(
  options: RunOptions,
  launcher: Launcher,
  signal: AbortSignal,
): Promise<PreparedJob> {
  const { cwd, subcommands, variables } = launcher;
  const located = new Map(
    options.programs.map((program) => [
      program,
      locateProgram(program, { cwd, subcommands }),
    ]),
  );
  const gpus = mayUseGpus(options, variables) ? { asked: options.gpus } : null;
  const gathered = await gatherHosts(options, {
    ...{ cwd, variables, gpus, signal },
    script: [...located.values()][0]!.script,
    paths: [...located.values()].flatMap((place) => [place.cwd, place.script]),
  });
  try {
    signal.throwIfAborted();
    const masterAddr = await meetingPlaceOf(options, gathered);
    signal.throwIfAborted();
    const plan = planJob(options, {
      ...{ variables: gathered.variables, columns: launcher.columns },
      command: launcher.command ?? commandFor(options),
      hosts: gathered.hosts,
      masterAddr,
      jobKey: randomBytes(32).toString("hex"),
      locate: (program) => located.get(program)!,
    });
    return {
      plan,
      hosts: gathered.hosts.map(({ host }) => host),
      close: () => gathered.close(),
    };
  } catch (error) {
    await gathered.close();
    signal.throwIfAborted();
    throw error;
  }
}

/** Null where all ranks run on one host, or the user has said where. */
async function meetingPlaceOf(
  options: RunOptions,
  { hosts, variables }: Gathered,
): Promise<string | null> {
  const places = placeRanks(options, hosts);
  const firstOf = new Map<number, number>();
  for (const [rank, { host }] of places.entries())
    if (!firstOf.has(host)) firstOf.set(host, rank);
  if (firstOf.size === 1) return null;
  if (variables.MASTER_ADDR) return variables.MASTER_ADDR;
  const [[root], ...others] = [...firstOf] as [
    [number, number],
    ...[number, number][],
  ];
  return findMeetingPlace({
    root: hosts[root]!,
    others: others.map(([host, rank]) => ({ rank, host: hosts[host]! })),
    wanted: options.hosts.interface,
    portRange: options.hosts.portRange,
  });
}

const commandFor =
  ({ module }: RunOptions): PlanFacts["command"] =>
  (script, rank) =>
    module === "futures" && rank > 0
      ? [...rankCommand(script), join(__dirname, "pool-worker.js")]
      : rankCommand(script);

/** Whether ranks may compute on a GPU. @throws {UsageError} GPUs are asked for, and nothing would use them */
function mayUseGpus(
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
