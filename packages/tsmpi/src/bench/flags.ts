import { type Flags, FLAGS } from "../flags";

/** Flags of `tsrun` that mean the same here. */
const OF_JOBS = [
  "n",
  "x",
  "transport",
  "bind-to",
  "oversubscribe",
  "timeout",
  "start-timeout",
  "tag-output",
  "timestamp-output",
  "output-filename",
  "display-map",
  "dry-run",
  "summary",
];

/** What there is to say about a measurement. */
export const MEASURE_FLAGS = {
  sizes: {
    type: "string",
    describe: "bytes of a buffer, or of each rank's block: a list",
    example: "--sizes 8,1k,1m",
    alias: ["size"],
  },
  min: {
    type: "string",
    describe:
      "powers of two from here to --max; default: powers of four up to 4m",
    example: "--min 1k",
    alias: ["min-size"],
  },
  max: {
    type: "string",
    describe: "see --min",
    example: "--max 64k",
    alias: ["max-size"],
  },
  iterations: {
    type: "string",
    describe: "runs that count, for each size and algorithm; default: by size",
    example: "--iterations 100",
    alias: ["loop"],
  },
  warmup: {
    type: "string",
    describe: "runs before them that do not; default: by size",
    example: "--warmup 20",
    alias: ["skip"],
  },
  algorithms: {
    type: "string",
    describe: "all, or a list of names; default: auto, what select takes",
    example: "--algorithms all",
  },
  dtype: {
    type: "string",
    describe: "of the elements; default: float32, of messages uint8",
    example: "--dtype float32",
  },
  buffers: {
    type: "string",
    describe: "arena: both threads share them; own: any memory; default: arena",
    example: "--buffers own",
  },
  json: {
    type: "boolean",
    describe: "one JSON object a line, for programs",
    example: "--json",
  },
} as const satisfies Flags;

export type MeasureFlag = keyof typeof MEASURE_FLAGS;

/** Every flag of `tsrun bench`. */
export const BENCH_FLAGS: Flags = {
  ...MEASURE_FLAGS,
  ...Object.fromEntries(OF_JOBS.map((name) => [name, FLAGS[name]!])),
  help: FLAGS.help!,
};
