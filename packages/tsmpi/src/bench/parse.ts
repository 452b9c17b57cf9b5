import {
  ALGORITHM_NAMES,
  COMPRESSIONS,
  type WantedCompression,
} from "@tsmpi/collective";
import { type Dtype, DTYPES } from "@tsmpi/protocol";
import { checkName } from "../check-name";
import type { JobOptions, ProgramOptions } from "../options";
import { readJob, readRanks, readVariables } from "../parse";
import { type GivenFlags, readFlags } from "../read-flags";
import { UsageError } from "../usage-error";
import type { Benchmark, Measured } from "./benchmark";
import {
  BENCHMARK_NAMES,
  type BenchmarkName,
  benchmarkNamed,
} from "./benchmarks";
import { BENCH_FLAGS, MEASURE_FLAGS, type MeasureFlag } from "./flags";
import { type BenchSettings, BUFFERS } from "./settings";
import { sizesOf } from "./sizes";

/** What the command line of `tsrun bench` asks for. */
export interface BenchAsked {
  readonly settings: BenchSettings;
  /** One after the other; they differ in their transport. */
  readonly jobs: readonly JobOptions[];
  readonly ranks: ProgramOptions["ranks"];
  readonly variables: ProgramOptions["variables"];
}

/**
 * Reads `NAME [flags]`, in any order. Touches neither files nor environment.
 *
 * @throws {UsageError}
 */
export function parseBench(argv: readonly string[]): BenchAsked | "help" {
  const given = readFlags(argv, {
    ...{ flags: BENCH_FLAGS, haltAtWord: false, command: "tsrun bench" },
  });
  if (given.flag("help")) return "help";
  const name = readName(given.positional);
  const benchmark = benchmarkNamed(name);
  const superfluous = flagsWithoutMeaning(benchmark).find((flag) =>
    given.given(flag),
  );
  if (superfluous !== undefined)
    throw new UsageError(`${name} takes no --${superfluous}`);
  return {
    settings: readSettings(name, benchmark, given),
    jobs: readJobs(given),
    ranks: readRanks(given.text("n")),
    variables: readVariables(given),
  };
}

/** A job has one transport. */
function readJobs(given: GivenFlags): JobOptions[] {
  // What is compressed here is measured, and is no default of training.
  const job = { ...readJob(given), stdin: null, compression: null };
  if (job.transport === null) return [job];
  const transports = listed(job.transport);
  const ofOne = ["summary", "output-filename"].find((flag) =>
    given.given(flag),
  );
  if (transports.length > 1 && ofOne !== undefined)
    throw new UsageError(
      `--${ofOne} is for one job, and each transport has its own; name one transport`,
    );
  return transports.map((transport) => ({ ...job, transport }));
}

function readName([name, ...rest]: readonly string[]): BenchmarkName {
  if (name === undefined)
    throw new UsageError(
      `which benchmark? There are: ${BENCHMARK_NAMES.join(", ")}`,
    );
  const known = checkName("benchmark", name, BENCHMARK_NAMES);
  if (rest.length > 0)
    throw new UsageError(
      `tsrun bench runs one benchmark, and "${rest[0]}" is one word too many`,
    );
  return known;
}

function flagsWithoutMeaning(benchmark: Benchmark): readonly MeasureFlag[] {
  if (benchmark.kind === "spoken")
    return Object.keys(MEASURE_FLAGS) as MeasureFlag[];
  return [
    ...(benchmark.collective === null ? (["algorithms"] as const) : []),
    ...(benchmark.isCompressible ? [] : (["compression"] as const)),
    ...(benchmark.sizes === null
      ? (["bytes", "min", "max", "dtype", "buffers"] as const)
      : []),
  ];
}

function readSettings(
  name: BenchmarkName,
  benchmark: Benchmark,
  given: GivenFlags,
): BenchSettings {
  const measured: Partial<Measured> =
    benchmark.kind === "measured" ? benchmark : {};
  const { collective = null, defaults = {}, sizes = null } = measured;
  const dtype = checkName(
    "--dtype",
    given.text("dtype") ?? defaults.dtype ?? "float32",
    DTYPES,
  );
  const compressions = readCompressions(given, dtype);
  // Who names compressions only wants to see those.
  const isCompressedOnly =
    compressions.length > 0 &&
    !compressions.includes("none") &&
    !given.given("algorithms");
  return {
    name,
    dtype,
    sizes: sizes === null ? [0] : readSizes(given, dtype, defaults.sizes),
    algorithms:
      collective === null || isCompressedOnly
        ? []
        : readAlgorithms(
            collective,
            given.text("algorithms"),
            ALGORITHM_NAMES[collective],
          ),
    compressions: compressions.filter((one) => one !== "none"),
    buffers: listed(given.text("buffers") ?? "arena").map((buffers) =>
      checkName("--buffers", buffers, BUFFERS),
    ),
    warmup: readCount(given, "warmup", 0) ?? defaults.warmup ?? null,
    iterations:
      readCount(given, "iterations", 1) ?? defaults.iterations ?? null,
    json: given.flag("json"),
    continues: false,
  };
}

function readSizes(
  given: GivenFlags,
  dtype: Dtype,
  defaults: readonly number[] | undefined,
): readonly number[] {
  const [list, min, max] = [
    given.text("bytes"),
    given.text("min"),
    given.text("max"),
  ];
  if (defaults && list === null && min === null && max === null)
    return defaults;
  return sizesOf({ list, min, max, dtype });
}

function readCompressions(
  given: GivenFlags,
  dtype: Dtype,
): WantedCompression[] {
  const list = given.text("compression");
  if (list === null) return [];
  const names = listed(list).map((name) =>
    checkName("--compression", name, COMPRESSIONS),
  );
  if (dtype !== "float32" && names.some((name) => name !== "none"))
    throw new UsageError(
      `--compression ${list} is for float32, not for ${dtype}; leave --dtype or --compression out`,
    );
  return names;
}

function readAlgorithms(
  collective: string,
  list: string | null,
  names: readonly string[],
): string[] {
  if (list === null) return ["auto"];
  if (list === "all") return names.filter((name) => name !== "auto");
  return listed(list).map((name) =>
    checkName(`${collective} algorithm`, name, [...names, "all"]),
  );
}

/** What commas separate, each once. */
const listed = (text: string): string[] => [
  ...new Set(text.split(",").map((name) => name.trim())),
];

function readCount(
  given: GivenFlags,
  flag: MeasureFlag,
  least: number,
): number | null {
  const value = given.text(flag);
  if (value === null) return null;
  const count = Number(value);
  if (Number.isSafeInteger(count) && count >= least) return count;
  throw new UsageError(
    `--${flag} "${value}" is no number of runs; give a whole number from ${least}, as in ${MEASURE_FLAGS[flag].example}`,
  );
}
