import { dashed, FLAGS } from "./flags";
import {
  type JobOptions,
  type ModuleName,
  MODULES,
  type ProgramOptions,
  type RunOptions,
} from "./options";
import { readHostOptions } from "./placement/read-host-options";
import { type GivenFlags, readFlags } from "./read-flags";
import { UsageError } from "./usage-error";

/**
 * Reads mpirun's command line: `[flags] program [args…] [: [flags] program [args…]]…`. Touches neither files nor environment.
 * `help` and `version` win over every mistake but an unknown flag.
 *
 * @throws {UsageError}
 */
export function parseRun(
  argv: readonly string[],
): RunOptions | "help" | "version" {
  const parts = splitPrograms(argv).map((part) =>
    readFlags(part, { flags: FLAGS, haltAtWord: true, command: "tsrun" }),
  );
  const job = parts[0]!;
  if (job.flag("help")) return "help";
  if (job.flag("version")) return "version";
  for (const part of parts.slice(1))
    for (const [name, { perProgram }] of Object.entries(FLAGS))
      if (!perProgram && part.given(name))
        throw new UsageError(
          `${dashed(name)} is for the whole job: put it before the first program`,
        );
  const module = readModule(job.text("m"), { several: parts.length > 1 });
  const options = readJob(job);
  return {
    programs: parts.map((part) =>
      readProgram(part, { several: parts.length > 1 }),
    ),
    module,
    ...options,
    // A worker that is lost is no reason to end.
    recovery: options.recovery || module === "futures",
  };
}

/** What flags say of the whole job; those that a command does not have say nothing. */
export function readJob(job: GivenFlags): JobOptions {
  return {
    tagOutput: job.flag("tag-output"),
    timestampOutput: job.flag("timestamp-output"),
    outputFilename: job.text("output-filename"),
    timeoutMs: job.seconds("timeout"),
    recovery: job.flag("recovery"),
    bindTo: readBindTo(job.text("bind-to")),
    displayMap: job.flag("display-map"),
    dryRun: job.flag("dry-run"),
    stdin: readStdin(job.text("stdin")),
    startTimeoutMs: job.seconds("start-timeout"),
    allreduce: job.text("allreduce"),
    compression: job.text("compression"),
    transport: job.text("transport"),
    engine: job.text("engine"),
    device: job.text("device"),
    gpus: readGpus(job.text("gpus")),
    gpusPerRank: readGpusPerRank(job.text("gpus-per-rank")),
    autotune: job.flag("autotune"),
    checkLeaks: job.flag("check-leaks"),
    summary: job.text("summary"),
    hosts: readHostOptions(job),
  };
}

/** At each `:` that is a word of its own, as in mpirun, wherever it stands. */
function splitPrograms(argv: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const word of argv)
    if (word === ":") parts.push([]);
    else parts.at(-1)!.push(word);
  return parts;
}

function readProgram(
  part: GivenFlags,
  { several }: { several: boolean },
): ProgramOptions {
  const ranks = readRanks(part.text("n"));
  const [script, ...args] = part.positional;
  if (script === undefined)
    throw new UsageError(
      several
        ? "a program is missing beside a `:`; write tsrun -n 1 a.ts : -n 3 b.ts"
        : "no program given; write tsrun -n 4 train.ts",
    );
  if (several && ranks === null)
    throw new UsageError(
      `how many ranks run ${script}? With several programs each needs its -n`,
    );
  const variables = readVariables(part);
  return { ranks, variables, wdir: part.text("wdir"), script, args };
}

const MOST_RANKS = 65_536;

export function readRanks(value: string | null): number | null {
  if (value === null) return null;
  const ranks = Number(value);
  if (Number.isInteger(ranks) && ranks >= 1 && ranks <= MOST_RANKS)
    return ranks;
  throw new UsageError(
    `-n "${value}" is not a number of ranks; give a whole number from 1 to ${MOST_RANKS}, as in -n 4`,
  );
}

export const readVariables = (part: GivenFlags): ProgramOptions["variables"] =>
  part.all("x").map(readVariable);

function readVariable(
  definition: string,
): readonly [name: string, value: string | null] {
  const equals = definition.indexOf("=");
  const name = equals < 0 ? definition : definition.slice(0, equals);
  if (name === "")
    throw new UsageError(
      `-x "${definition}" names no variable; write ${FLAGS.x!.example}`,
    );
  return [name, equals < 0 ? null : definition.slice(equals + 1)];
}

function readModule(
  value: string | null,
  { several }: { several: boolean },
): ModuleName | null {
  if (value === null) return null;
  const name = MODULES.find((module) => module === value);
  if (name === undefined)
    throw new UsageError(
      `-m "${value}" is not known here; there ${MODULES.length === 1 ? "is" : "are"}: ${MODULES.join(", ")}`,
    );
  if (several)
    throw new UsageError(
      `-m ${value} is for one program, and here are several; leave out the \`:\``,
    );
  return name;
}

function readBindTo(value: string | null): "core" | "none" {
  if (value === null || value === "none") return "none";
  if (value === "core") return "core";
  throw new UsageError(
    `--bind-to "${value}" is not known here; there are: core, none`,
  );
}

function readStdin(value: string | null): number | null {
  if (value === null) return 0;
  if (value === "none") return null;
  const rank = Number(value);
  if (Number.isInteger(rank) && rank >= 0) return rank;
  throw new UsageError(
    `--stdin "${value}" is no rank; give the number of a rank, or none`,
  );
}

function readGpus(value: string | null): string[] | null {
  if (value === null) return null;
  const names = value.split(",").map((name) => name.trim());
  if (names.every((name) => /^(\d+|GPU-[\w-]+)$/.test(name))) return names;
  throw new UsageError(
    `--gpus "${value}" is no list of GPUs; give their numbers as nvidia-smi counts them, as in ${FLAGS.gpus!.example}`,
  );
}

function readGpusPerRank(value: string | null): number | null {
  if (value === null) return null;
  const count = Number(value);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new UsageError(
    `--gpus-per-rank "${value}" is no number of GPUs; give a whole number of at least 1`,
  );
}
