import { type RankEnvironment, writeEnvironment } from "@tsmpi/protocol";
import type { ProgramOptions, RunOptions } from "./options";
import type { Place } from "./placement/placement";
import { NEWS_FD, STATUS_FD } from "./status-fd";
import { UsageError } from "./usage-error";

export type Variables = Readonly<Record<string, string | undefined>>;

/** What decides the variables of one rank, beside the flags. */
export interface RankFacts {
  readonly rank: number;
  readonly size: number;
  readonly place: Place;
  /** It runs on the launcher's own host. */
  readonly isLocal: boolean;
  /** The launcher's. */
  readonly variables: Variables;
  /** Of `-x`. */
  readonly exported: Readonly<Record<string, string>>;
  /** CUDA_VISIBLE_DEVICES; undefined leaves it alone. */
  readonly gpu: string | undefined;
  /** Its share of the host's cores; 0 if there are more ranks than cores. */
  readonly threads: number;
  readonly masterAddr: string;
  readonly jobKey: string;
  readonly columns: number | null;
  readonly hearsNews: boolean;
}

/** What is set for a rank, on top of the launcher's environment, or on another host of what that host has. */
export function rankEnvironment(
  options: RunOptions,
  facts: RankFacts,
): Record<string, string> {
  const { rank, isLocal, variables, exported, gpu } = facts;
  const inherited = { ...variables, ...exported };
  const defaults = {
    MASTER_ADDR: facts.masterAddr,
    MASTER_PORT: "0",
    TSMPI_JOB_KEY: facts.jobKey,
    ...threadCounts(inherited, Math.max(1, facts.threads)),
    TF_CPP_MIN_LOG_LEVEL: "2",
    ...(facts.columns === null ? {} : { TSMPI_COLUMNS: String(facts.columns) }),
  };
  return {
    ...(isLocal ? {} : carried(variables, Object.keys(defaults))),
    ...(gpu === undefined
      ? {}
      : // As nvidia-smi counts; by default CUDA counts the fastest first.
        { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: gpu }),
    ...exported,
    ...unlessSet(inherited, defaults),
    ...writeEnvironment({ ...whoItIs(facts), ...asFlagsSay(options) }),
    ...addressing(options),
    // Read before the program, which does not see it.
    ...(options.module === "futures" && rank === 0
      ? { TSMPI_FUTURES: "1" }
      : {}),
  };
}

const whoItIs = ({
  rank,
  size,
  place,
  hearsNews,
}: RankFacts): Partial<RankEnvironment> => ({
  ...{ rank, size, localRank: place.localRank, localSize: place.localSize },
  statusFd: STATUS_FD,
  ...(hearsNews ? { newsFd: NEWS_FD } : {}),
});

/** What is null there, `writeEnvironment` wants left out. */
const asFlagsSay = (options: RunOptions): Partial<RankEnvironment> => ({
  ...(options.startTimeoutMs === null
    ? {}
    : { startTimeoutMs: options.startTimeoutMs }),
  ...(options.allreduce === null ? {} : { allreduce: options.allreduce }),
  ...(options.compression === null ? {} : { compression: options.compression }),
  ...(options.transport === null ? {} : { transport: options.transport }),
  ...(options.engine === null ? {} : { engine: options.engine }),
  ...(options.device === null ? {} : { device: options.device }),
  ...(options.autotune ? { autotune: true } : {}),
  ...(options.checkLeaks ? { checkLeaks: true } : {}),
  ...(options.hosts.insecure ? { insecure: true } : {}),
});

const addressing = ({
  hosts: { portRange, interface: name },
}: RunOptions): Record<string, string> => ({
  ...(portRange && { TSMPI_PORT_RANGE: portRange.join("-") }),
  ...(name === null ? {} : { TSMPI_INTERFACE: name }),
});

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
 * What other hosts get of the launcher's environment without `-x`: our variables, as mpirun hands on its own, and those of the
 * others that `tsrun` would set if the user had not. All ranks have the same, then, and PATH, HOME and NODE_OPTIONS are the host's.
 */
const carried = (
  variables: Variables,
  ours: readonly string[],
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value !== undefined &&
      !RESERVED.includes(name) &&
      (name.startsWith("TSMPI_") || ours.includes(name))
        ? [[name, value]]
        : [],
    ),
  );

/** @throws {UsageError} */
export function exportVariables(
  program: ProgramOptions,
  variables: Variables,
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
  variables: Variables,
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

const unlessSet = (
  variables: Variables,
  defaults: Record<string, string>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(defaults).filter(([name]) => !variables[name]),
  );
