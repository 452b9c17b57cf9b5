import { EnvironmentError } from "./errors";

/**
 * What a rank knows before it has spoken to anybody: it comes in environment variables, the field's (torchrun's) where there
 * are some, ours beginning with TSMPI_. `tsrun` writes them, a rank reads them; an operator may set them by hand.
 */
export interface RankEnvironment {
  /** RANK: 0 … size − 1. */
  readonly rank: number;
  /** WORLD_SIZE. */
  readonly size: number;
  /** LOCAL_RANK: 0 … localSize − 1, on this host. */
  readonly localRank: number;
  /** LOCAL_WORLD_SIZE: ranks on this host. */
  readonly localSize: number;
  /** MASTER_ADDR: where the coordinator listens, a name or an address. */
  readonly masterAddr: string;
  /** MASTER_PORT: its port; 0 lets the coordinator choose one (under tsrun, which then tells the other ranks). */
  readonly masterPort: number;
  /** TSMPI_JOB_KEY: the secret of the job, checked on every socket. */
  readonly jobKey: string;
  /** TSMPI_JOB_KEY_FILE: a file that holds it, where TSMPI_JOB_KEY is not set: a secret of Kubernetes or compose. */
  readonly jobKeyFile: string | null;
  /** TSMPI_INSECURE: 1 to send between hosts what anybody on the network between them can read. */
  readonly insecure: boolean;
  /** TSMPI_ENCRYPT: 1 to encrypt what ranks of one host send each other too. */
  readonly encrypt: boolean;
  /** TSMPI_INTERFACE: where a rank listens: an interface's name, an address or a network (10.0.0.0/24), or several with commas. */
  readonly interface: string | null;
  /** TSMPI_PORT_RANGE: 40000-40100: where the job takes its TCP ports from; null lets the system choose. */
  readonly portRange: PortRange | null;
  /** TSMPI_TRANSPORT: how ranks reach each other; `auto` chooses. */
  readonly transport: string;
  /** TSMPI_ALLREDUCE: the all-reduce algorithm; `auto` selects by size and ranks. */
  readonly allreduce: string;
  /** TSMPI_COMPRESSION: how gradients look on the wire, unless `distribute` is told; `none` leaves them as they are. */
  readonly compression: string;
  /** TSMPI_AUTOTUNE: 1 to try, in the first steps of training, how gradients are best exchanged, unless `distribute` is told. */
  readonly autotune: boolean;
  /** TSMPI_ENGINE: the TensorFlow.js engine; `auto` takes the fastest that loads. */
  readonly engine: string;
  /** TSMPI_DEVICE: where the engine computes, `gpu` or `cpu`; `auto` takes a GPU where there is one. */
  readonly device: string;
  /** TSMPI_START_TIMEOUT_MS: how long ranks wait for each other at the rendezvous. */
  readonly startTimeoutMs: number;
  /** TSMPI_CONNECT_TIMEOUT_MS: how long a connection may stay without an answer before the other end is unreachable. */
  readonly connectTimeoutMs: number;
  /** TSMPI_TIMEOUT_MS: how long a collective may take. */
  readonly timeoutMs: number;
  /** TSMPI_STALL_WARN_MS: a collective that waits for this long names whom it waits for. */
  readonly stallWarnMs: number;
  /** TSMPI_HEARTBEAT_MS: a rank shows a sign of life this often. */
  readonly heartbeatMs: number;
  /** TSMPI_HEARTBEAT_TIMEOUT_MS: silent for this long is dead. */
  readonly heartbeatTimeoutMs: number;
  /** TSMPI_CHECK_LEAKS: 1 to fail when steps leave tensors behind. */
  readonly checkLeaks: boolean;
  /** TSMPI_ARENA_BYTES: address space reserved for the arena; memory is used only where it is touched. */
  readonly arenaBytes: number;
  /** TSMPI_STATUS_FD: the file descriptor on which the launcher listens for status lines; null without a launcher. */
  readonly statusFd: number | null;
  /** TSMPI_NEWS_FD: the file descriptor on which the launcher tells rank 0 which ranks have ended; null if it does not. */
  readonly newsFd: number | null;
}

/** The first and the last port. */
export type PortRange = readonly [from: number, to: number];

type Variables = Readonly<Record<string, string | undefined>>;

const DEFAULTS: RankEnvironment = {
  rank: 0,
  size: 1,
  localRank: 0,
  localSize: 1,
  masterAddr: "127.0.0.1",
  masterPort: 0,
  jobKey: "",
  jobKeyFile: null,
  insecure: false,
  encrypt: false,
  interface: null,
  portRange: null,
  transport: "auto",
  allreduce: "auto",
  compression: "none",
  autotune: false,
  engine: "auto",
  device: "auto",
  startTimeoutMs: 60_000,
  connectTimeoutMs: 10_000,
  timeoutMs: 300_000,
  stallWarnMs: 10_000,
  heartbeatMs: 1_000,
  heartbeatTimeoutMs: 5_000,
  checkLeaks: false,
  arenaBytes: 1 << 30,
  statusFd: null,
  newsFd: null,
};

const VARIABLE_NAMES: Readonly<Record<keyof RankEnvironment, string>> = {
  rank: "RANK",
  size: "WORLD_SIZE",
  localRank: "LOCAL_RANK",
  localSize: "LOCAL_WORLD_SIZE",
  masterAddr: "MASTER_ADDR",
  masterPort: "MASTER_PORT",
  jobKey: "TSMPI_JOB_KEY",
  jobKeyFile: "TSMPI_JOB_KEY_FILE",
  insecure: "TSMPI_INSECURE",
  encrypt: "TSMPI_ENCRYPT",
  interface: "TSMPI_INTERFACE",
  portRange: "TSMPI_PORT_RANGE",
  transport: "TSMPI_TRANSPORT",
  allreduce: "TSMPI_ALLREDUCE",
  compression: "TSMPI_COMPRESSION",
  autotune: "TSMPI_AUTOTUNE",
  engine: "TSMPI_ENGINE",
  device: "TSMPI_DEVICE",
  startTimeoutMs: "TSMPI_START_TIMEOUT_MS",
  connectTimeoutMs: "TSMPI_CONNECT_TIMEOUT_MS",
  timeoutMs: "TSMPI_TIMEOUT_MS",
  stallWarnMs: "TSMPI_STALL_WARN_MS",
  heartbeatMs: "TSMPI_HEARTBEAT_MS",
  heartbeatTimeoutMs: "TSMPI_HEARTBEAT_TIMEOUT_MS",
  checkLeaks: "TSMPI_CHECK_LEAKS",
  arenaBytes: "TSMPI_ARENA_BYTES",
  statusFd: "TSMPI_STATUS_FD",
  newsFd: "TSMPI_NEWS_FD",
};

/** @throws {EnvironmentError} names the variable, its value, and what it must be */
export function readEnvironment(variables: Variables): RankEnvironment {
  const text = (key: keyof RankEnvironment): string | undefined =>
    variables[VARIABLE_NAMES[key]] || undefined;
  const integer = (
    key: keyof RankEnvironment,
    fallback: number,
    { from, to }: { from: number; to: number },
  ): number => {
    const value = text(key);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (Number.isInteger(number) && number >= from && number <= to)
      return number;
    const range = to === MAX ? `of at least ${from}` : `from ${from} to ${to}`;
    throw new EnvironmentError(
      `${VARIABLE_NAMES[key]}="${value}" must be a whole number ${range}`,
    );
  };

  const yes = (key: keyof RankEnvironment): boolean =>
    integer(key, 0, { from: 0, to: 1 }) === 1;
  const descriptor = (key: keyof RankEnvironment): number | null =>
    text(key) === undefined ? null : integer(key, 0, { from: 3, to: 1023 });

  const size = integer("size", DEFAULTS.size, { from: 1, to: 65_536 });
  const rank = integer("rank", DEFAULTS.rank, { from: 0, to: size - 1 });
  const localSize = integer("localSize", size, { from: 1, to: size });
  const localRank = integer("localRank", Math.min(rank, localSize - 1), {
    from: 0,
    to: localSize - 1,
  });
  const anyTime = { from: 1, to: MAX };
  return {
    rank,
    size,
    localRank,
    localSize,
    masterAddr: text("masterAddr") ?? DEFAULTS.masterAddr,
    masterPort: integer("masterPort", 0, { from: 0, to: 65_535 }),
    jobKey: text("jobKey") ?? DEFAULTS.jobKey,
    jobKeyFile: text("jobKeyFile") ?? null,
    insecure: yes("insecure"),
    encrypt: yes("encrypt"),
    interface: text("interface") ?? null,
    portRange: portRange(text("portRange")),
    transport: text("transport") ?? DEFAULTS.transport,
    allreduce: text("allreduce") ?? DEFAULTS.allreduce,
    compression: text("compression") ?? DEFAULTS.compression,
    autotune: yes("autotune"),
    engine: text("engine") ?? DEFAULTS.engine,
    device: text("device") ?? DEFAULTS.device,
    startTimeoutMs: integer("startTimeoutMs", DEFAULTS.startTimeoutMs, anyTime),
    connectTimeoutMs: integer(
      "connectTimeoutMs",
      DEFAULTS.connectTimeoutMs,
      anyTime,
    ),
    timeoutMs: integer("timeoutMs", DEFAULTS.timeoutMs, anyTime),
    stallWarnMs: integer("stallWarnMs", DEFAULTS.stallWarnMs, anyTime),
    heartbeatMs: integer("heartbeatMs", DEFAULTS.heartbeatMs, anyTime),
    heartbeatTimeoutMs: integer(
      "heartbeatTimeoutMs",
      DEFAULTS.heartbeatTimeoutMs,
      anyTime,
    ),
    checkLeaks: yes("checkLeaks"),
    arenaBytes: integer("arenaBytes", DEFAULTS.arenaBytes, {
      from: 1 << 20,
      to: 4 * 1024 ** 3,
    }),
    statusFd: descriptor("statusFd"),
    newsFd: descriptor("newsFd"),
  };
}

const MAX = Number.MAX_SAFE_INTEGER;

function portRange(text: string | undefined): PortRange | null {
  if (text === undefined) return null;
  const [, from = NaN, to = NaN] =
    /^(\d+)-(\d+)$/.exec(text)?.map(Number) ?? [];
  if (from >= 1 && to <= 65_535 && from <= to) return [from, to];
  throw new EnvironmentError(
    `TSMPI_PORT_RANGE="${text}" must be two ports from 1 to 65535, the lower one first: 40000-40100`,
  );
}

/** The variables that say this to a rank. What is left out keeps its default. */
export function writeEnvironment(
  environment: Partial<RankEnvironment>,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const key of Object.keys(environment) as (keyof RankEnvironment)[]) {
    const value = environment[key];
    if (value !== undefined && value !== null)
      variables[VARIABLE_NAMES[key]] = textOf(value);
  }
  return variables;
}

function textOf(value: NonNullable<RankEnvironment[keyof RankEnvironment]>) {
  if (typeof value === "object") return value.join("-");
  return String(typeof value === "boolean" ? Number(value) : value);
}
