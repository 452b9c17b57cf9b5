import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { join } from "node:path";

/** The launcher as users run it; needs a build (`npm run build`). */
export const TSRUN = join(__dirname, "../../packages/tsmpi/bin/tsrun.js");

export interface LaunchOptions {
  /** Of `tsrun`: `["-n", "4", "program.ts"]`. */
  readonly args: readonly string[];
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** In front of the command: what puts it elsewhere. */
  readonly command?: readonly string[];
  /** Relative names of programs are looked up here; default: where the test runs. */
  readonly cwd?: string;
  /** Written to stdin, which is then closed; without it stdin is empty. */
  readonly input?: string;
  /** `tsrun` is killed after this long, and the test fails. Default 25 s: just below jest's limit. */
  readonly timeoutMs?: number;
}

export interface Launched {
  /** null if a signal ended `tsrun`. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stdout, sorted, since ranks print in any order. */
  readonly lines: readonly string[];
  readonly wallMs: number;
}

/** A running `tsrun`, for tests that interfere with it. */
export interface Running {
  readonly process: ChildProcessWithoutNullStreams;
  /** Resolves when stdout has `count` matches of `pattern` (with the flag `g`), with all of them. */
  readonly printed: (
    pattern: RegExp,
    count: number,
  ) => Promise<RegExpMatchArray[]>;
  /** What is on stderr so far. */
  readonly said: () => string;
  /** Of the end. */
  readonly done: Promise<Launched>;
}

/** Runs `tsrun` to its end. */
export const launch = (options: LaunchOptions): Promise<Launched> =>
  start(options).done;

/** Starts `tsrun` and hands it out. Always await `done`. */
export function start({
  args,
  command = [],
  env,
  cwd,
  input = "",
  timeoutMs = 60_000,
}: LaunchOptions): Running {
  const startMs = performance.now();
  const [first, ...rest] = [...command, process.execPath, TSRUN, ...args];
  const child = spawn(first!, rest, {
    cwd,
    // Which engine computes would be a line on stderr in every test that trains.
    env: { ...process.env, TSMPI_LOG: "warn", ...env },
    stdio: "pipe",
  });
  const output = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      for (const look of waiting) look();
    });
  child.stdin.on("error", () => {});
  child.stdin.end(input);

  const done = new Promise<Launched>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(
        new Error(
          `tsrun ${args.join(" ")} did not end within ${timeoutMs} ms; it printed:\n${output.stdout}${output.stderr}`,
        ),
      );
    }, timeoutMs);
    child.on("error", reject);
    child.on("close", (exitCode, signal) => {
      clearTimeout(timer);
      const lines = output.stdout.split("\n").filter((line) => line !== "");
      resolve({
        exitCode,
        signal,
        ...output,
        lines: lines.sort(),
        wallMs: performance.now() - startMs,
      });
      for (const look of waiting) look();
    });
  });
  // Reported where `done` is awaited; a test may fail before it gets there.
  done.catch(() => {});

  const printed: Running["printed"] = (pattern, count) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = [...output.stdout.matchAll(pattern)];
        const over = child.exitCode !== null || child.signalCode !== null;
        if (found.length < count && !over) return;
        waiting.delete(look);
        if (found.length >= count) resolve(found);
        else
          reject(
            new Error(
              `tsrun ended, having printed ${found.length} of ${count} ${String(pattern)}:\n${output.stdout}${output.stderr}`,
            ),
          );
      };
      waiting.add(look);
      look();
    });
  return { process: child, printed, said: () => output.stderr, done };
}
