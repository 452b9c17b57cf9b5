import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Of the repository. */
export const ROOT = join(import.meta.dirname, "../..");

export const TSRUN: readonly string[] = [
  process.execPath,
  join(ROOT, "packages/tsmpi/bin/tsrun.js"),
];

/** One thread a rank, whoever computes. */
const ENVIRONMENT = {
  OMP_NUM_THREADS: "1",
  TF_NUM_INTRAOP_THREADS: "1",
  TSMPI_LOG: "warn",
};

/** Longer than anything here takes that is not stuck. */
const TIMEOUT_MS = 300_000;

/**
 * What a command prints, run at the root of the repository.
 *
 * @throws it fails; the message has the command and what it said
 */
export async function run(command: readonly string[]): Promise<string> {
  const [program = "", ...args] = command;
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...ENVIRONMENT },
      timeout: TIMEOUT_MS,
    });
    return stdout;
  } catch (error) {
    const { message, stdout = "" } = error as Error & { stdout?: string };
    throw new Error(`${message}\n${stdout}`.trim(), { cause: error });
  }
}

/** The same; null where it cannot be run or fails. */
export const output = (command: readonly string[]): Promise<string | null> =>
  run(command).catch(() => null);
