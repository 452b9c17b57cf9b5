import { spawn } from "node:child_process";

export interface Ran {
  /** Null if the program could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The program is killed after so long; default 10 min. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end, its stdin empty. */
export const run = (
  command: string,
  args: readonly string[],
  { env = process.env, cwd, timeoutMs = 600_000 }: RunOptions = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    const output = { stdout: "", stderr: "" };
    const child = spawn(command, [...args], {
      ...{ env, cwd },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Not spawn's own timeout: its timer runs on when the program could not be started, and holds this process.
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    const end = (exitCode: number | null) => {
      clearTimeout(timer);
      resolve({ exitCode, ...output });
    };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    child.on("error", () => end(null));
    child.on("close", (code) => end(code ?? -1));
  });

/** The last line that says something: programs put the reason there. */
export const lastLine = ({ stdout, stderr }: Ran): string =>
  (stderr.trim() || stdout.trim()).split("\n").at(-1) ?? "";
