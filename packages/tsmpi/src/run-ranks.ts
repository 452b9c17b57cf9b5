import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  decodeValue,
  encodeValue,
  errorFromWire,
  type TsmpiError,
} from "@tsmpi/protocol";
import {
  callFile,
  type RankCall,
  type RankOutcome,
  outcomeFile,
} from "./rank-call";
import { launchProgram, type JobSettings, type LaunchResult } from "./launch";
import { rankCommand } from "./spawn";

/**
 * Calls a function in each rank of a new job, and gives what each returned, in rank order. Arguments and results are copied:
 * whatever `comm.send` takes. Several jobs may run at once.
 *
 *     const sums = await runRanks<number>(4, "./sum.ts", "sum", [[1, 2, 3]]);
 *
 * @param file the module, TypeScript or JavaScript
 * @param name of the function that it exports; may be async
 * @throws {TsmpiError} what a rank threw: its message names the rank, its stack is the rank's, `cause` the original name,
 * message and code
 * @throws {ArgumentError} there is no such module or export, or an option is wrong
 * @throws {SerializationError} an argument or a result cannot be copied; names the path to it
 * @throws the signal's reason, if it aborts
 */
export async function runRanks<Result = unknown>(
  np: number,
  file: string,
  name: string,
  args: readonly unknown[] = [],
  settings: JobSettings = {},
): Promise<Result[]> {
  const call = encodeValue({ name, args } satisfies RankCall);
  const folder = await mkdtemp(join(tmpdir(), "tsmpi-call-"));
  try {
    await writeFile(callFile(folder), call);
    const result = await launchProgram({
      np,
      script: file,
      args: [],
      settings: { ...settings, env: { ...settings.env, TSMPI_CALL: folder } },
      command: (script) => [
        ...rankCommand(script),
        join(__dirname, "rank-function.js"),
      ],
    });
    if (result.exitCode !== 0) throw await errorOf(result, folder);
    return await Promise.all(
      result.ranks.map(async ({ rank }) => {
        const outcome = await readOutcome(folder, rank);
        if (outcome === null || "error" in outcome)
          throw errorFromWire({
            code: "ERR_OTHER",
            message: `rank ${rank} ended its process before ${name} returned`,
          });
        return decodeValue(outcome.value) as Result;
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Null: the rank ended without a word. */
async function readOutcome(
  folder: string,
  rank: number,
): Promise<RankOutcome | null> {
  try {
    const bytes = await readFile(outcomeFile(folder, rank));
    return decodeValue(bytes) as RankOutcome;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** The first failure, as if it had been thrown here. */
async function errorOf(
  { exitCode, failure, messages }: LaunchResult,
  folder: string,
): Promise<TsmpiError> {
  const outcome = failure && (await readOutcome(folder, failure.rank));
  if (!outcome || !("error" in outcome))
    return errorFromWire({
      code: "ERR_OTHER",
      message: `the job ended with exit code ${exitCode}: ${messages.trim()}`,
    });
  const { name, message, stack, code } = outcome.error;
  const kind = code === null ? `${name}: ` : "";
  const told = `rank ${failure.rank}: ${kind}${message}`;
  const error = errorFromWire({ code: code ?? "ERR_OTHER", message: told });
  const frames = stack.slice(stack.indexOf("\n    at ") + 1);
  error.stack = `${error.name}: ${told}\n${frames}`;
  error.cause = { name, message, code };
  return error;
}
