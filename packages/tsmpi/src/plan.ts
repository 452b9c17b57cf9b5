import { readEnvironment, writeEnvironment } from "@tsmpi/protocol";
import { planGpus } from "./gpu-plan";
import type { ProgramOptions, RunOptions } from "./options";
import { NEWS_FD, STATUS_FD } from "./status-fd";
import { UsageError } from "./usage-error";

/** What the plan needs to know of the world. */
export interface PlanFacts {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly host: string;
  /** The cores that ranks may run on, by number. */
  readonly cores: readonly number[];
  /** Used unless TSMPI_JOB_KEY is set. */
  readonly jobKey: string;
  readonly launcherPid: number;
  /** Width of the terminal behind stderr; null where there is none. */
  readonly columns: number | null;
  /** Names of the GPUs that ranks may use; empty where there are none, or the engine needs none. */
  readonly gpus: readonly string[];
  /** The program's file and folder, absolute. */
  readonly locate: (program: ProgramOptions) => {
    readonly script: string;
    readonly cwd: string;
  };
  /** The command that runs a script in a rank. */
  readonly command: (script: string, rank: number) => readonly string[];
}

/** One process to be. */
export interface RankPlan {
  readonly rank: number;
  /** Which of the hosts it runs on. */
  readonly host: number;
  readonly script: string;
  /** The command and its arguments, as for exec. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** What is set for this rank; the rest is inherited. */
  readonly added: Readonly<Record<string, string>>;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readsStdin: boolean;
  /** Hears from the launcher which other ranks have ended. */
  readonly hearsNews: boolean;
}

export interface Plan {
  readonly host: string;
  readonly cores: number;
  readonly ranks: readonly RankPlan[];
  /** 0: rank 0 chooses a port, and the others start when it is known. */
  readonly masterPort: number;
  readonly startTimeoutMs: number;
  /** Somebody has asked for it, here or in the environment. */
  readonly autotune: boolean;
  readonly warnings: readonly string[];
}

/** Set by `tsrun` itself: who a rank is. */
const RESERVED = [
  "RANK",
  "WORLD_SIZE",
  "LOCAL_RANK",
  "LOCAL_WORLD_SIZE",
  "TSMPI_STATUS_FD",
  "TSMPI_NEWS_FD",
  "TSMPI_LAUNCHER_PID",
  "TSMPI_FUTURES",
];

/**
 * Which rank runs what, where, and with which environment. Reads nothing but `facts`.
 *
 * @throws {UsageError}
 * @throws {EnvironmentError} a variable that the ranks would refuse, found before any of them starts
 */
export function planJob(options: RunOptions, facts: PlanFacts): Plan {
  const programs = options.programs.flatMap((program) =>
    Array.from({ length: program.ranks ?? facts.cores.length }, () => program),
  );
  const size = programs.length;
  if (options.stdin !== null && options.stdin >= size)
    throw new UsageError(
      `--stdin ${options.stdin}: the job has ranks 0 to ${size - 1} only`,
    );
  const bound = options.bindTo === "core" && size <= facts.cores.length;
  const warnings =
    options.bindTo === "core" && !bound
      ? [
          `${size} ranks on ${facts.cores.length} cores: --bind-to core is left out, each core would hold several`,
        ]
      : [];
  const gpus = planGpus(size, {
    devices: facts.gpus,
    perRank: options.gpusPerRank,
  });
  warnings.push(...gpus.warnings);
  const located = new Map(
    options.programs.map((program) => [program, facts.locate(program)]),
  );
  const ranks = programs.map((program, rank): RankPlan => {
    const { script, cwd } = located.get(program)!;
    const { exported, missing } = exportVariables(program, facts.variables);
    for (const name of missing) {
      const warning = `-x ${name}: there is no such variable to hand on; -x ${name}=value sets one`;
      if (!warnings.includes(warning)) warnings.push(warning);
    }
    const inherited = { ...facts.variables, ...exported };
    const threads = bound ? 1 : Math.floor(facts.cores.length / size);
    const gpu = gpus.visible[rank];
    const hearsNews = options.recovery && rank === 0;
    const added = {
      ...(gpu === undefined
        ? {}
        : // As nvidia-smi counts; by default CUDA counts the fastest first.
          { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: gpu }),
      ...exported,
      ...unlessSet(inherited, {
        MASTER_ADDR: "127.0.0.1",
        MASTER_PORT: "0",
        TSMPI_JOB_KEY: facts.jobKey,
        ...threadCounts(inherited, Math.max(1, threads)),
        TF_CPP_MIN_LOG_LEVEL: "2",
        ...(facts.columns === null
          ? {}
          : { TSMPI_COLUMNS: String(facts.columns) }),
      }),
      ...writeEnvironment({
        rank,
        size,
        localRank: rank,
        localSize: size,
        statusFd: STATUS_FD,
        ...(hearsNews ? { newsFd: NEWS_FD } : {}),
        ...(options.startTimeoutMs === null
          ? {}
          : { startTimeoutMs: options.startTimeoutMs }),
        ...(options.allreduce === null ? {} : { allreduce: options.allreduce }),
        ...(options.compression === null
          ? {}
          : { compression: options.compression }),
        ...(options.transport === null ? {} : { transport: options.transport }),
        ...(options.engine === null ? {} : { engine: options.engine }),
        ...(options.device === null ? {} : { device: options.device }),
        ...(options.autotune ? { autotune: true } : {}),
        ...(options.checkLeaks ? { checkLeaks: true } : {}),
      }),
      TSMPI_LAUNCHER_PID: String(facts.launcherPid),
      // Read before the program, which does not see it.
      ...(options.module === "futures" && rank === 0
        ? { TSMPI_FUTURES: "1" }
        : {}),
    };
    const command = [...facts.command(script, rank), script, ...program.args];
    return {
      rank,
      host: 0,
      script,
      argv: bound
        ? ["taskset", "-c", String(facts.cores[rank]), ...command]
        : command,
      cwd,
      added,
      env: { ...inherited, ...added },
      readsStdin: rank === options.stdin,
      hearsNews,
    };
  });
  const environment = ranks.map(({ env }) => readEnvironment(env))[0]!;
  return {
    host: facts.host,
    cores: facts.cores.length,
    ranks,
    masterPort: environment.masterPort,
    startTimeoutMs: environment.startTimeoutMs,
    autotune: environment.autotune,
    warnings,
  };
}

function exportVariables(
  program: ProgramOptions,
  variables: PlanFacts["variables"],
): { exported: Record<string, string>; missing: string[] } {
  const exported: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, value] of program.variables) {
    if (RESERVED.includes(name))
      throw new UsageError(
        `-x ${name}: tsrun sets ${name} for each rank; leave it out`,
      );
    const given = value ?? variables[name];
    if (given === undefined) missing.push(name);
    else exported[name] = given;
  }
  return { exported, missing };
}

/** As many threads as a rank's share of the cores: with more, ranks take the cores from each other. Who sets one of them means all. */
function threadCounts(
  variables: PlanFacts["variables"],
  share: number,
): Record<string, string> {
  const threads =
    variables.TF_NUM_INTRAOP_THREADS ||
    variables.OMP_NUM_THREADS ||
    String(share);
  return {
    TF_NUM_INTRAOP_THREADS: threads,
    TF_NUM_INTEROP_THREADS: threads,
    OMP_NUM_THREADS: threads,
  };
}

function unlessSet(
  variables: PlanFacts["variables"],
  defaults: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(defaults).filter(([name]) => !variables[name]),
  );
}

/** The plan for people: `--display-map`, and with the environment for `--dry-run`. */
export function describePlan(
  { host, cores, ranks }: Plan,
  { withEnvironment }: { readonly withEnvironment: boolean },
): string {
  const lines = [
    `${count(ranks.length, "rank")} on host ${host} (${count(cores, "core")}${ranks.length > cores ? ", shared" : ""})`,
  ];
  for (const { rank, argv, cwd, added } of ranks) {
    lines.push(`rank ${rank}: ${argv.map(quote).join(" ")}`);
    if (!withEnvironment) continue;
    lines.push(`  in ${cwd}`);
    for (const [name, value] of Object.entries(added))
      lines.push(
        `  ${name}=${name === "TSMPI_JOB_KEY" ? "(secret)" : quote(value)}`,
      );
  }
  return lines.join("\n") + "\n";
}

export const count = (n: number, noun: string): string =>
  `${n} ${noun}${n === 1 ? "" : "s"}`;

/** As a shell would need it. */
const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
