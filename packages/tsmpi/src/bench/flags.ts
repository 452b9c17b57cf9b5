import { type Flags, FLAGS } from "../flags";

/** Flags of `tsrun` that mean the same here. */
const OF_JOBS = [
  "n",
  "x",
  "bind-to",
  "host",
  "hostfile",
  "map-by",
  "rank-by",
  "oversubscribe",
  "sync",
  "ssh-port",
  "ssh-identity",
  "agents",
  "interface",
  "port-range",
  "insecure",
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
  bytes: {
    type: "string",
    describe: "of a buffer, or of each rank's block: a list",
    example: "--bytes 4,64Ki,25e6",
    alias: ["sizes", "size"],
  },
  min: {
    type: "string",
    describe:
      "powers of two from here to --max; default: powers of four up to 4Mi",
    example: "--min 1Ki",
    alias: ["min-size"],
  },
  max: {
    type: "string",
    describe: "see --min",
    example: "--max 64Ki",
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
    alias: ["algorithm"],
  },
  compression: {
    type: "string",
    describe:
      "of an allreduce of float32, a list: fp16, bf16, int8, none; default: none",
    example: "--compression none,fp16,int8",
  },
  dtype: {
    type: "string",
    describe: "of the elements; default: float32, of messages uint8",
    example: "--dtype float32",
  },
  buffers: {
    type: "string",
    describe:
      "a list: arena, from MPI.Alloc_mem; ordinary, typed arrays; default: arena",
    example: "--buffers arena,ordinary",
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
  transport: {
    type: "string",
    describe: "a list, a job for each; default: auto",
    example: "--transport shm,ipc,tcp",
  },
  help: FLAGS.help!,
};
