import { nearest } from "@tsmpi/protocol";
import { dashed, FLAGS, parserFor } from "./flags";
import type { ProgramOptions, RunOptions } from "./options";
import { UsageError } from "./usage-error";

/** What yargs has understood of one program's part. */
class Parsed {
  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    readonly positional: readonly string[],
  ) {}

  all(name: string): string[] {
    return [this.values[name] ?? []].flat().map(String);
  }

  given(name: string): boolean {
    return this.all(name).length > 0;
  }

  /** The last one wins, as everywhere. */
  text(name: string): string | null {
    const value = this.all(name).at(-1);
    if (value === "") throw needsValue(name);
    return value ?? null;
  }

  flag(name: string): boolean {
    return this.all(name).at(-1) === "true";
  }

  seconds(name: string): number | null {
    const value = this.text(name);
    if (value === null) return null;
    const seconds = Number(value);
    if (!(seconds > 0) || !Number.isFinite(seconds))
      throw new UsageError(
        `--${name} "${value}" is not a number of seconds; give one above 0, as in ${FLAGS[name]!.example}`,
      );
    return Math.max(1, Math.round(seconds * 1000));
  }
}

const needsValue = (name: string) =>
  new UsageError(
    `${dashed(name)} needs a value, as in ${FLAGS[name]!.example}`,
  );

function parsePart(part: readonly string[]): Parsed {
  const { _, $0: _0, ...values } = parserFor(part).parseSync();
  const known = Object.entries(FLAGS).flatMap(([name, { alias }]) => [
    name,
    ...(alias ?? []),
  ]);
  for (const name of Object.keys(values))
    if (!known.includes(name)) throw unknownFlag(name, part, known);
  return new Parsed(values, _.map(String));
}

function unknownFlag(
  name: string,
  part: readonly string[],
  known: readonly string[],
): UsageError {
  const count = /^np?(\d+)$/.exec(name)?.[1];
  const near = count === undefined ? nearest(name, known) : `n ${count}`;
  const typed =
    part.find((word) => word.replace(/^--?|=.*$/gs, "") === name) ??
    dashed(name);
  return new UsageError(
    `unknown flag ${typed.replace(/=.*$/s, "")}; ${near === null ? "tsrun --help lists the flags there are" : `did you mean ${near.startsWith("n ") ? `-${near}` : dashed(near)}?`}`,
  );
}

/**
 * Reads mpirun's command line: `[flags] program [args…] [: [flags] program [args…]]…`. Touches neither files nor environment.
 * `help` and `version` win over every mistake but an unknown flag.
 *
 * @throws {UsageError}
 */
export function parseRun(
  argv: readonly string[],
): RunOptions | "help" | "version" {
  const parts = splitPrograms(argv).map(parsePart);
  const job = parts[0]!;
  if (job.flag("help")) return "help";
  if (job.flag("version")) return "version";
  for (const part of parts.slice(1))
    for (const [name, { perProgram }] of Object.entries(FLAGS))
      if (!perProgram && part.given(name))
        throw new UsageError(
          `${dashed(name)} is for the whole job: put it before the first program`,
        );
  return {
    programs: parts.map((part) =>
      readProgram(part, { several: parts.length > 1 }),
    ),
    tagOutput: job.flag("tag-output"),
    timestampOutput: job.flag("timestamp-output"),
    outputFilename: job.text("output-filename"),
    timeoutMs: job.seconds("timeout"),
    bindTo: readBindTo(job.text("bind-to")),
    displayMap: job.flag("display-map"),
    dryRun: job.flag("dry-run"),
    stdin: readStdin(job.text("stdin")),
    startTimeoutMs: job.seconds("start-timeout"),
    allreduce: job.text("allreduce"),
    transport: job.text("transport"),
    engine: job.text("engine"),
    device: job.text("device"),
    gpus: readGpus(job.text("gpus")),
    gpusPerRank: readGpusPerRank(job.text("gpus-per-rank")),
    checkLeaks: job.flag("check-leaks"),
    summary: job.text("summary"),
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
  part: Parsed,
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
  return {
    ranks,
    variables: part.all("x").map(readVariable),
    wdir: part.text("wdir"),
    script,
    args,
  };
}

const MOST_RANKS = 65_536;

function readRanks(value: string | null): number | null {
  if (value === null) return null;
  const ranks = Number(value);
  if (Number.isInteger(ranks) && ranks >= 1 && ranks <= MOST_RANKS)
    return ranks;
  throw new UsageError(
    `-n "${value}" is not a number of ranks; give a whole number from 1 to ${MOST_RANKS}, as in -n 4`,
  );
}

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
