import {
  closeSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { describePlan } from "./describe-plan";
import { exitCodeOfSignal } from "./exit-codes";
import { runJob } from "./job";
import type { RunOptions } from "./options";
import type { Plan } from "./plan";
import { prepareJob, type PreparedJob } from "./prepare";
import { ownProcess } from "./surroundings";
import { UsageError } from "./usage-error";

/** Starts the job that a command line asks for, and waits for its end. @returns its exit code */
export async function runProgram(
  given: RunOptions,
  subcommands: readonly string[],
): Promise<number> {
  const options = withTaskset(given);
  const interrupt = new AbortController();
  const stopListening = ownProcess.listen({
    onEnd: (signal) => interrupt.abort(new Interrupted(signal)),
    // There is nobody yet.
    ...{ onPass() {}, onSuspend() {} },
  });
  let prepared: PreparedJob;
  try {
    prepared = await prepareJob(options, {
      ...{ variables: process.env, cwd: process.cwd(), subcommands },
      columns: process.stderr.isTTY ? process.stderr.columns : null,
      signal: interrupt.signal,
    });
  } catch (error) {
    if (error instanceof Interrupted) return exitCodeOfSignal(error.signal);
    throw error;
  } finally {
    stopListening();
  }
  try {
    return await runPrepared(options, prepared);
  } finally {
    await prepared.close();
  }
}

/** The user has changed their mind while hosts were being reached. */
class Interrupted extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
  }
}

async function runPrepared(
  options: RunOptions,
  { plan, hosts }: PreparedJob,
): Promise<number> {
  if (options.dryRun || options.displayMap)
    process.stdout.write(
      describePlan(plan, { withEnvironment: options.dryRun }),
    );
  for (const warning of plan.warnings) warn(warning);
  if (options.dryRun) return 0;
  const openFile = openOutputFiles(options, plan);
  if (options.summary !== null) checkWritable(options.summary);
  const summary = await runJob({
    ...options,
    ...{ plan, hosts, openFile, surroundings: ownProcess },
  });
  if (options.summary !== null)
    writeFileSync(options.summary, JSON.stringify(summary, null, 2) + "\n");
  return summary.exitCode;
}

const warn = (text: string) => process.stderr.write(`tsrun: ${text}\n`);

function withTaskset(options: RunOptions): RunOptions {
  if (options.bindTo === "none") return options;
  const folders = (process.env.PATH ?? "").split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, "taskset"))))
    return options;
  warn("--bind-to core is left out: there is no taskset command here");
  return { ...options, bindTo: "none" };
}

function openOutputFiles(
  { outputFilename }: RunOptions,
  { ranks }: Plan,
): ((rank: number, stream: "stdout" | "stderr") => Writable) | null {
  if (outputFilename === null) return null;
  const folderOf = (rank: number) =>
    join(resolve(outputFilename), `rank.${rank}`);
  try {
    for (const { rank } of ranks)
      mkdirSync(folderOf(rank), { recursive: true });
  } catch (error) {
    throw new UsageError(
      `--output-filename ${outputFilename}: ${(error as Error).message}`,
      { cause: error },
    );
  }
  return (rank, stream) => {
    const path = join(folderOf(rank), stream);
    return createWriteStream(path).on("error", ({ message }) =>
      warn(`--output-filename: ${path} is not complete: ${message}`),
    );
  };
}

/** Before the job rather than after it. */
function checkWritable(file: string): void {
  try {
    closeSync(openSync(file, "a"));
  } catch (error) {
    throw new UsageError(
      `--summary ${file} cannot be written: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
