import { readEnvironment } from "@tsmpi/protocol";
import { planGpus } from "./gpu-plan";
import type { ProgramOptions, RunOptions } from "./options";
import { type Place, placement } from "./placement/placement";
import { exportVariables, rankEnvironment } from "./rank-environment";
import type { Variables } from "./rank-environment";
import { UsageError } from "./usage-error";

/** A host that has been reached. */
export interface HostFacts {
  readonly name: string;
  /** The launcher runs there, too. */
  readonly isLocal: boolean;
  /** null: as many as cores. */
  readonly slots: number | null;
  readonly maxSlots: number | null;
  /** Those that ranks may run on, by number. */
  readonly cores: readonly number[];
  /** Names of those that ranks may use; empty where there are none, or the engine needs none. */
  readonly gpus: readonly string[];
}

/** What the plan needs to know of the world. */
export interface PlanFacts {
  /** The launcher's. */
  readonly variables: Variables;
  /** At least one; rank 0 runs on the first. */
  readonly hosts: readonly HostFacts[];
  /** Where all others reach the first host; null where there is no other. */
  readonly masterAddr: string | null;
  /** Used unless TSMPI_JOB_KEY is set. */
  readonly jobKey: string;
  /** Width of the terminal behind stderr; null where there is none. */
  readonly columns: number | null;
  /** The program's file and folder, absolute. */
  readonly locate: (program: ProgramOptions) => {
    readonly script: string;
    readonly cwd: string;
  };
  /** The command that runs a script in a rank. */
  readonly command: (
    script: string,
    rank: number,
    host: HostFacts,
  ) => readonly string[];
}

/** One process to be. */
export interface RankPlan {
  readonly rank: number;
  /** Index in the plan's hosts. */
  readonly host: number;
  readonly script: string;
  /** The command and its arguments, as for exec. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** What is set for this rank, on top of what its host has; beside it TSMPI_LAUNCHER_PID, the pid of its parent, on another host than the launcher's. */
  readonly added: Readonly<Record<string, string>>;
  /** On the launcher's own host the whole environment, else the same as `added`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readsStdin: boolean;
  /** Hears from the launcher which other ranks have ended. */
  readonly hearsNews: boolean;
}

/** A host of the plan; it may have no rank. */
export interface PlannedHost {
  readonly name: string;
  readonly isLocal: boolean;
  readonly cores: number;
  readonly slots: number;
}

export interface Plan {
  readonly hosts: readonly PlannedHost[];
  readonly ranks: readonly RankPlan[];
  /** 0: rank 0 chooses a port, and the others start when it is known. */
  readonly masterPort: number;
  readonly startTimeoutMs: number;
  /** Somebody has asked for it, here or in the environment. */
  readonly autotune: boolean;
  readonly warnings: readonly string[];
}

/**
 * Which rank runs what, where, and with which environment. Reads nothing but `facts`.
 *
 * @throws {UsageError}
 * @throws {EnvironmentError} a variable that the ranks would refuse, found before any of them starts
 */
export function planJob(options: RunOptions, facts: PlanFacts): Plan {
  const places = placeRanks(options, facts.hosts);
  const size = places.length;
  if (options.stdin !== null && options.stdin >= size)
    throw new UsageError(
      `--stdin ${options.stdin}: the job has ranks 0 to ${size - 1} only`,
    );
  const shares = sharesOf(options, facts.hosts, places);
  const programs = options.programs.map((program) => ({
    program,
    ...facts.locate(program),
    ...exportVariables(program, facts.variables),
  }));
  const masterAddr = masterAddrOf(facts, places);
  const ranks = places.map((place, rank): RankPlan => {
    const host = facts.hosts[place.host]!;
    const share = shares[place.host]!;
    const core = share.isBound ? host.cores[place.localRank] : undefined;
    const { program, script, cwd, exported } = programs[place.program]!;
    const hearsNews = options.recovery && rank === 0;
    const added = rankEnvironment(options, {
      ...{ rank, size, place, exported, masterAddr, hearsNews },
      ...{ variables: facts.variables, jobKey: facts.jobKey },
      columns: facts.columns,
      isLocal: host.isLocal,
      gpu: share.gpus[place.localRank],
      threads: share.threads,
    });
    const command = facts.command(script, rank, host);
    return {
      ...{ rank, host: place.host, script, cwd, added, hearsNews },
      argv: [
        ...(core === undefined ? [] : ["taskset", "-c", String(core)]),
        ...[...command, script, ...program.args],
      ],
      env: host.isLocal ? { ...facts.variables, ...added } : added,
      readsStdin: rank === options.stdin,
    };
  });
  const { masterPort, startTimeoutMs, autotune } = ranks.map(({ env }) =>
    readEnvironment(env),
  )[0]!;
  return {
    hosts: facts.hosts.map((host) => ({
      ...{ name: host.name, isLocal: host.isLocal },
      ...{ cores: host.cores.length, slots: slotsOf(host) },
    })),
    ...{ ranks, masterPort, startTimeoutMs, autotune },
    warnings: [
      ...shares.flatMap(({ warnings }) => warnings),
      ...missingVariables(programs.flatMap(({ missing }) => missing)),
    ],
  };
}

const slotsOf = ({ slots, cores }: HostFacts): number => slots ?? cores.length;

/** @throws {UsageError} there are too few slots */
export function placeRanks(
  { programs, hosts: { mapBy, rankBy, ...asked } }: RunOptions,
  hosts: readonly HostFacts[],
): Place[] {
  // Nobody has said how many ranks this machine shall have.
  const isUnlimited =
    asked.host === null && asked.hostfile === null && asked.agents === null;
  return placement(
    {
      ...{ mapBy, rankBy, programs: programs.map(({ ranks }) => ranks) },
      oversubscribe: asked.oversubscribe || isUnlimited,
    },
    hosts.map((host) => ({ ...host, slots: slotsOf(host) })),
  );
}

/** What the ranks of a host share out among themselves. */
interface Share {
  /** Each on a core of its own. */
  readonly isBound: boolean;
  /** For each rank; 0 if they are more than the cores. */
  readonly threads: number;
  /** CUDA_VISIBLE_DEVICES, by local rank; empty where there are no GPUs. */
  readonly gpus: readonly string[];
  readonly warnings: readonly string[];
}

const sharesOf = (
  { bindTo, gpusPerRank }: RunOptions,
  hosts: readonly HostFacts[],
  places: readonly Place[],
): Share[] =>
  hosts.map(({ name, cores, gpus: devices }, index) => {
    const { localSize = 0 } = places.find(({ host }) => host === index) ?? {};
    if (localSize === 0)
      return { isBound: false, threads: 0, gpus: [], warnings: [] };
    const where = hosts.length > 1 ? `host ${name}: ` : "";
    const isBound = bindTo === "core" && localSize <= cores.length;
    const gpus = planGpus(localSize, {
      ...{ devices, perRank: gpusPerRank },
      host: hosts.length > 1 ? name : null,
    });
    const crowded = `${localSize} ranks on ${cores.length} cores: --bind-to core is left out, each core would hold several`;
    return {
      isBound,
      threads: isBound ? 1 : Math.floor(cores.length / localSize),
      gpus: gpus.visible,
      warnings: [
        ...(bindTo === "core" && !isBound ? [crowded] : []),
        ...gpus.warnings,
      ].map((warning) => where + warning),
    };
  });

function masterAddrOf(
  { hosts, masterAddr }: PlanFacts,
  places: readonly Place[],
): string {
  if (places.every(({ host }) => host === places[0]!.host)) return "127.0.0.1";
  if (masterAddr !== null) return masterAddr;
  throw new Error(`nobody has found an address of ${hosts[0]!.name}`);
}

const missingVariables = (names: readonly string[]): string[] =>
  [...new Set(names)].map(
    (name) =>
      `-x ${name}: there is no such variable to hand on; -x ${name}=value sets one`,
  );

/** Where a rank runs, for people. */
export const hostOf = ({ hosts, ranks }: Plan, rank: number): string =>
  hosts[ranks[rank]!.host]!.name;

export const count = (n: number, noun: string): string =>
  `${n} ${noun}${n === 1 ? "" : "s"}`;
