import { Writable } from "node:stream";
import { ArgumentError } from "@tsmpi/protocol";
import { runJob } from "./job";
import type { RunOptions } from "./options";
import { parseHostList } from "./placement/host-list";
import { type HostOptions, NO_HOSTS } from "./placement/host-options";
import type { PlanFacts } from "./plan";
import { checkNames, prepareJob } from "./prepare";
import type { Summary } from "./summary";
import type { StreamName, Surroundings } from "./surroundings";
import { UsageError } from "./usage-error";

/** How `launch` and `runRanks` run a job; what `tsrun`'s flags of the same names say. */
export interface JobSettings {
  /** Set for the ranks on top of this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The folder to run in; relative names begin there. Default: this process's. */
  readonly cwd?: string;
  readonly engine?: string;
  /** `gpu` or `cpu`. */
  readonly device?: string;
  /** The GPUs that ranks share out, by number or UUID; default: all. */
  readonly gpus?: readonly (number | string)[];
  readonly gpusPerRank?: number;
  readonly transport?: string;
  readonly allreduce?: string;
  /** How training sends gradients: `fp16`, `bf16`, `int8`; default: as they are. */
  readonly compression?: string;
  /** Ends the job after this long, with exit code 110. */
  readonly timeoutMs?: number;
  /** A rank other than 0 that fails does not end the job: the others see `ProcessFailedError`, and the exit code is that of rank 0. */
  readonly recovery?: boolean;
  /** How long ranks wait for each other at the start. */
  readonly startTimeoutMs?: number;
  readonly bindTo?: "core" | "none";
  /** Training tries in its first steps how gradients are best sent, and keeps the choice. */
  readonly autotune?: boolean;
  /** A rank fails whose training steps leave tensors behind. */
  readonly checkLeaks?: boolean;
  /** Ends the job: all ranks, and what they started. */
  readonly signal?: AbortSignal;
  /** Called with what a rank prints, as it comes, in whole lines. */
  readonly onOutput?: (rank: number, stream: StreamName, text: string) => void;
}

/** What `launch` takes. */
export interface LaunchOptions extends JobSettings {
  /** Ranks. Default: one for each core. */
  readonly np?: number;
  /** The program, TypeScript or JavaScript. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Other hosts, and how many ranks on each, as `tsrun --host` takes them: `a:2,b:2`. Default: this one. */
  readonly host?: string;
  /** A file that lists hosts, as `tsrun --hostfile` takes it. */
  readonly hostfile?: string;
  /** `futures`: rank 0 runs the program, the others the tasks of its `RankPool`s; what `tsrun -m` says. */
  readonly module?: "futures";
}

/** What one rank did. */
export interface RankResult {
  readonly rank: number;
  /** 128 plus the number of the signal that ended it; null: it was never started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a job did. */
export interface LaunchResult {
  /** What `tsrun` would exit with: 0, or that of the first failure. */
  readonly exitCode: number;
  readonly ranks: readonly RankResult[];
  /** The first failure, of which the others are consequences; null if there was none. */
  readonly failure: Summary["firstFailure"];
  /** The launcher's own words, as `tsrun` would print them. */
  readonly messages: string;
  readonly wallMs: number;
}

/**
 * Runs a program as the ranks of a job, as `tsrun -n 4 train.ts` does, and waits for its end. Prints nothing. Several jobs may
 * run at once.
 *
 *     const { exitCode, ranks } = await launch({ np: 4, script: "train.ts" });
 *
 * @returns also if ranks failed
 * @throws {ArgumentError} there is no such program, or an option is wrong; nothing was started
 * @throws {HostError} a host cannot be used; nothing was started
 * @throws the signal's reason, if it aborts; all ranks have ended then
 */
export async function launch({
  np,
  script,
  args = [],
  module,
  host,
  hostfile,
  ...settings
}: LaunchOptions): Promise<LaunchResult> {
  return launchProgram({
    ...{ np, script, args, module, settings },
    hosts: { host, hostfile },
  });
}

/** @param command the command that runs the script in a rank; default: by its extension */
export async function launchProgram({
  np,
  script,
  args,
  module,
  settings,
  hosts = {},
  command,
}: {
  readonly np: number | undefined;
  readonly script: string;
  readonly args: readonly string[];
  readonly module?: LaunchOptions["module"];
  readonly settings: JobSettings;
  readonly hosts?: Pick<LaunchOptions, "host" | "hostfile">;
  readonly command?: PlanFacts["command"];
}): Promise<LaunchResult> {
  const { signal } = settings;
  signal?.throwIfAborted();
  if (np !== undefined && !(Number.isInteger(np) && np >= 1 && np <= 65_536))
    throw new ArgumentError(
      `np is ${np}, and must be a whole number of ranks, from 1 to 65536`,
    );
  let options = runOptions({ np, script, args, module, settings });
  const prepared = await orArgumentError(async () => {
    options = { ...options, hosts: hostOptions(hosts) };
    await checkNames(options);
    return prepareJob(options, {
      variables: environment(settings.env),
      cwd: settings.cwd ?? process.cwd(),
      ...{ columns: null, subcommands: [], command },
      signal: signal ?? new AbortController().signal,
    });
  });
  const { plan } = prepared;
  const outputs = plan.ranks.map(({ rank }) => ({
    stdout: new Collected((text) => settings.onOutput?.(rank, "stdout", text)),
    stderr: new Collected((text) => settings.onOutput?.(rank, "stderr", text)),
  }));
  const messages = new Collected();
  const summary = await runJob({
    ...options,
    ...{ plan, hosts: prepared.hosts, openFile: null },
    surroundings: {
      writable: (stream, rank) => outputs[rank]![stream],
      messages,
      isTerminal: () => false,
      listen: abortAsSignal(signal),
    },
  }).finally(() => prepared.close());
  signal?.throwIfAborted();
  return {
    exitCode: summary.exitCode,
    ranks: outputs.map(({ stdout, stderr }, rank) => ({
      rank,
      exitCode: summary.exitCodes[rank] ?? null,
      stdout: stdout.text,
      stderr: stderr.text,
    })),
    failure: summary.firstFailure,
    messages: messages.text,
    wallMs: summary.wallSeconds * 1000,
  };
}

function runOptions({
  np,
  script,
  args,
  module,
  settings,
}: {
  readonly np: number | undefined;
  readonly script: string;
  readonly args: readonly string[];
  readonly module: LaunchOptions["module"];
  readonly settings: JobSettings;
}): RunOptions {
  return {
    programs: [
      {
        ...{ ranks: np ?? null, wdir: null, script, args },
        // Other hosts have an environment of their own, which these join.
        variables: Object.entries(settings.env ?? {}).flatMap(
          ([name, value]): [string, string][] =>
            value === undefined || OF_A_RANK.test(name) ? [] : [[name, value]],
        ),
      },
    ],
    timeoutMs: settings.timeoutMs ?? null,
    startTimeoutMs: settings.startTimeoutMs ?? null,
    module: module ?? null,
    recovery: settings.recovery ?? module === "futures",
    bindTo: settings.bindTo ?? "none",
    allreduce: settings.allreduce ?? null,
    compression: settings.compression ?? null,
    transport: settings.transport ?? null,
    engine: settings.engine ?? null,
    device: settings.device ?? null,
    gpus: settings.gpus?.map(String) ?? null,
    gpusPerRank: settings.gpusPerRank ?? null,
    autotune: settings.autotune ?? false,
    checkLeaks: settings.checkLeaks ?? false,
    ...{ tagOutput: false, timestampOutput: false, outputFilename: null },
    ...{ displayMap: false, dryRun: false, stdin: null, summary: null },
    hosts: NO_HOSTS,
  };
}

/** @throws {UsageError} */
const hostOptions = ({
  host,
  hostfile,
}: Pick<LaunchOptions, "host" | "hostfile">): HostOptions => ({
  ...NO_HOSTS,
  host: host === undefined ? null : parseHostList(host),
  hostfile: hostfile ?? null,
});

/** What tells a rank who it is: a rank that launches a job of its own does not hand it on. */
const OF_A_RANK =
  /^(RANK|WORLD_SIZE|LOCAL_RANK|LOCAL_WORLD_SIZE|MASTER_ADDR|MASTER_PORT|TSMPI_JOB_KEY|TSMPI_STATUS_FD|TSMPI_NEWS_FD|TSMPI_LAUNCHER_PID|TSMPI_FUTURES|TSMPI_CALL)$/;

function environment(
  added: JobSettings["env"],
): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => process.env.RANK === undefined || !OF_A_RANK.test(name),
  );
  const all = Object.entries({ ...Object.fromEntries(inherited), ...added });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

/** A job hears of the end of its program as `tsrun` does of SIGTERM. */
const abortAsSignal =
  (signal: AbortSignal | undefined): Surroundings["listen"] =>
  ({ onEnd }) => {
    const listener = () => onEnd("SIGTERM");
    // It may have come while the hosts were reached.
    if (signal?.aborted) process.nextTick(listener);
    signal?.addEventListener("abort", listener);
    return () => signal?.removeEventListener("abort", listener);
  };

async function orArgumentError<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new ArgumentError(error.message, { cause: error });
  }
}

/** Keeps what is written, as text. */
class Collected extends Writable {
  readonly #chunks: Buffer[] = [];

  constructor(onText: (text: string) => void = () => {}) {
    super({
      write: (chunk: Buffer, _, done) => {
        this.#chunks.push(chunk);
        onText(chunk.toString());
        done();
      },
    });
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
