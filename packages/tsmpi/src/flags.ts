import yargs from "yargs";

/** One flag of `tsrun`, or of one of its subcommands. */
export interface Flag {
  readonly type: "string" | "boolean";
  readonly describe: string;
  /** What its value looks like in an error: `-n 4`. */
  readonly example: string;
  /** May differ between the programs of one job. */
  readonly perProgram?: true;
  readonly alias?: readonly string[];
}

export type Flags = Readonly<Record<string, Flag>>;

/** Every flag of `tsrun`: help, parsing and the suggestions for mistyped names come from here. Names and meanings are mpirun's. */
export const FLAGS: Flags = {
  n: {
    type: "string",
    describe:
      "number of ranks; default: one per slot of the hosts, or per core of this machine",
    example: "-n 4",
    perProgram: true,
    alias: ["np"],
  },
  m: {
    type: "string",
    describe:
      "futures: rank 0 runs the program, the others the tasks of its RankPools; implies --recovery",
    example: "-m futures",
    alias: ["module"],
  },
  x: {
    type: "string",
    describe: "set an environment variable for the ranks: VAR or VAR=value",
    example: "-x SEED=7",
    perProgram: true,
  },
  wdir: {
    type: "string",
    describe: "folder to run the program in",
    example: "--wdir runs/1",
    perProgram: true,
  },
  "tag-output": {
    type: "boolean",
    describe: "begin each line with [1,RANK]<stdout>:",
    example: "--tag-output",
  },
  "timestamp-output": {
    type: "boolean",
    describe: "begin each line with the time",
    example: "--timestamp-output",
  },
  "output-filename": {
    type: "string",
    describe:
      "also write what each rank prints to DIR/rank.R/stdout and stderr",
    example: "--output-filename logs",
  },
  timeout: {
    type: "string",
    describe: "end the whole job after this many seconds, with exit code 110",
    example: "--timeout 3600",
  },
  "start-timeout": {
    type: "string",
    describe:
      "seconds that ranks wait for each other at the start; default: 60",
    example: "--start-timeout 120",
  },
  recovery: {
    type: "boolean",
    describe:
      "a rank other than 0 that fails does not end the job: the others see ProcessFailedError; exit code of rank 0",
    example: "--recovery",
    alias: ["enable-recovery"],
  },
  "bind-to": {
    type: "string",
    describe: "core: keep each rank on one core; default: none",
    example: "--bind-to core",
  },
  host: {
    type: "string",
    describe:
      "the hosts to run on, each with its slots (default: 1); with --hostfile: those of the file to take",
    example: "--host a:2,b:2",
    alias: ["H"],
  },
  hostfile: {
    type: "string",
    describe:
      "a file with a host a line: name slots=N max_slots=N; default of slots: its cores",
    example: "--hostfile hosts.txt",
    alias: ["machinefile"],
  },
  "map-by": {
    type: "string",
    describe:
      "slot: fill a host, then the next; node: one a host in turn; ppr:N:node: N on each host; default: slot",
    example: "--map-by node",
  },
  "rank-by": {
    type: "string",
    describe:
      "slot: number the ranks host by host; node: one a host in turn; default: as they are mapped",
    example: "--rank-by slot",
  },
  oversubscribe: {
    type: "boolean",
    describe:
      "more ranks than the hosts have slots, up to max_slots; on this machine alone they always may",
    example: "--oversubscribe",
  },
  sync: {
    type: "boolean",
    describe: "copy the program's folder to the hosts first (rsync)",
    example: "--sync",
  },
  "ssh-port": {
    type: "string",
    describe: "the port of ssh on the hosts; default: what ssh's config says",
    example: "-p 2222",
    alias: ["p"],
  },
  "ssh-identity": {
    type: "string",
    describe: "the private key for ssh; default: what ssh's config says",
    example: "-i ~/.ssh/cluster",
    alias: ["i"],
  },
  agents: {
    type: "string",
    describe:
      "run on the hosts whose agents (tsrun agent --join) come to this [HOST:]PORT; no ssh",
    example: "--agents 29400",
  },
  interface: {
    type: "string",
    describe:
      "the network interface that ranks talk over; default: the one that reaches rank 0",
    example: "--interface eth0",
  },
  "port-range": {
    type: "string",
    describe: "the ports that ranks listen on; default: any",
    example: "--port-range 29500-29599",
  },
  insecure: {
    type: "boolean",
    describe: "send everything between hosts unencrypted",
    example: "--insecure",
  },
  stdin: {
    type: "string",
    describe: "the rank that reads stdin, or none; default: 0",
    example: "--stdin none",
  },
  "display-map": {
    type: "boolean",
    describe: "print which rank runs what, then run",
    example: "--display-map",
  },
  "dry-run": {
    type: "boolean",
    describe: "print which rank would run what, with its environment; no start",
    example: "--dry-run",
  },
  allreduce: {
    type: "string",
    describe: "the all-reduce algorithm; default: auto",
    example: "--allreduce ring",
  },
  compression: {
    type: "string",
    describe:
      "how training sends gradients: fp16, bf16, int8, none; for slow networks",
    example: "--compression fp16",
  },
  autotune: {
    type: "boolean",
    describe:
      "training tries in its first steps how gradients are best sent, and keeps the choice; --compression NAME allows NAME",
    example: "--autotune",
  },
  transport: {
    type: "string",
    describe: "how ranks reach each other; default: auto",
    example: "--transport tcp",
  },
  engine: {
    type: "string",
    describe: "the TensorFlow.js engine; default: auto, the fastest that loads",
    example: "--engine wasm",
  },
  device: {
    type: "string",
    describe: "gpu or cpu: where the engine computes; default: a GPU if it can",
    example: "--device cpu",
  },
  gpus: {
    type: "string",
    describe: "the GPUs that ranks share out; default: all there are",
    example: "--gpus 0,2,3",
  },
  "gpus-per-rank": {
    type: "string",
    describe: "GPUs that each rank sees; default: 1",
    example: "--gpus-per-rank 1",
  },
  "check-leaks": {
    type: "boolean",
    describe: "fail when training steps leave tensors behind, naming the step",
    example: "--check-leaks",
  },
  summary: {
    type: "string",
    describe: "write the facts of the run to FILE as JSON",
    example: "--summary run.json",
  },
  help: { type: "boolean", describe: "show this help", example: "--help" },
  version: {
    type: "boolean",
    describe: "show the version",
    example: "--version",
  },
};

/** yargs set up for mpirun's ways: what follows the program belongs to it, `-np` is a word, values stay the strings they are. */
const PARSER = {
  "short-option-groups": false,
  "boolean-negation": false,
  "dot-notation": false,
  "parse-numbers": false,
  "parse-positional-numbers": false,
  "camel-case-expansion": false,
  "duplicate-arguments-array": true,
};

export interface ParserOptions {
  readonly flags: Flags;
  /** The first word that is no flag and what follows it are left as they are. */
  readonly haltAtWord: boolean;
}

/** A yargs parser that knows the flags. It never exits, prints, or throws by itself. */
export const parserFor = (
  argv: readonly string[],
  { flags, haltAtWord }: ParserOptions = { flags: FLAGS, haltAtWord: true },
) => {
  const parser = yargs([...argv])
    .parserConfiguration({ ...PARSER, "halt-at-non-option": haltAtWord })
    .exitProcess(false)
    .help(false)
    .version(false);
  for (const [name, { type, describe, alias }] of Object.entries(flags))
    parser.option(name, { type, describe, alias });
  return parser;
};

/** How a flag is typed. */
export const dashed = (name: string): string =>
  name.length === 1 ? `-${name}` : `--${name}`;
