import { spawn } from "node:child_process";
import { join } from "node:path";

/** Of the repository: where commands run. */
const ROOT = join(import.meta.dirname, "../..");

export interface CommandOptions {
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Prints what it prints, as it comes. */
  readonly isShown?: boolean;
}

export interface CommandEnd {
  /** Null: it was ended. */
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
}

/** Commands begun before a signal end with it: what has been made is then taken away. */
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => interrupted.abort());
let isCleaning = false;

/** From here on commands run in spite of a signal. */
export function beginCleaning(): void {
  isCleaning = true;
}

/** @throws {Error} there is no such command, or a signal has ended everything */
export function attempt(
  program: string,
  args: readonly string[],
  { timeoutMs = 60_000, env, isShown = false }: CommandOptions = {},
): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    if (interrupted.signal.aborted && !isCleaning)
      return reject(new Error("interrupted"));
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      ...(isCleaning ? {} : { signal: interrupted.signal }),
      stdio: isShown ? ["ignore", "inherit", "inherit"] : "pipe",
    });
    let output = "";
    child.stdin?.end();
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (bytes: Buffer) => (output += bytes.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** @returns what it printed @throws {Error} it fails; with its last lines */
export async function run(
  program: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<string> {
  const { code, output } = await attempt(program, args, options);
  if (code === 0) return output;
  const end = output.trim().split("\n").slice(-5).join("\n");
  throw new Error(
    `${program} ${args.slice(0, 3).join(" ")} … ${code === null ? "did not end in time" : `failed with exit code ${code}`}: ${end}`,
  );
}

/** Whether a command is there. */
export const isThere = async (program: string): Promise<boolean> =>
  (await attempt("sh", ["-c", `command -v ${program}`])).code === 0;
