import { parseArgs } from "node:util";
import { parseSize } from "../../packages/tsmpi/dist/bench/sizes.js";
import { type Asked, MEASURES } from "./jobs.ts";
import { BUFFERS, TRANSPORTS } from "./results.ts";

/** What the command line asks for. */
export interface Options extends Asked {
  readonly rounds: number;
  readonly python: string;
  /** Results to draw again; null: measure. */
  readonly from: string | null;
  /** Where performance.md and plots/ are; null: print only. */
  readonly docs: string | null;
  /** What was said of the measurement, without what is only true of this machine. */
  readonly command: string;
}

export const HELP = `npm run bench:peers -- [flags]

Measures all-reduce and training step beside PyTorch's Gloo, Open MPI and PyTorch DDP, in turns, and writes tables and plots.

  --rounds N        each runs everything once; default: 10
  --bytes LIST      sizes of the all-reduce; default: 4,64Ki,1Mi,4Mi,25e6,100e6
  --ranks LIST      default: 2,4
  --transport LIST  ours and Open MPI's; default: shm,tcp
  --buffers LIST    ours; default: arena,ordinary
  --measure LIST    default: allreduce,step,hosts
  --python PATH     a Python with PyTorch; default: python3
  --from FILE       measure nothing: take the results that lie there
  --docs FOLDER     with performance.md, gets plots/; default: docs
  --print-only      write nothing
`;

const FLAGS = {
  rounds: { type: "string", default: "10" },
  bytes: { type: "string", default: "4,64Ki,1Mi,4Mi,25e6,100e6" },
  ranks: { type: "string", default: "2,4" },
  transport: { type: "string", default: "shm,tcp" },
  buffers: { type: "string", default: "arena,ordinary" },
  measure: { type: "string", default: "allreduce,step,hosts" },
  python: { type: "string", default: "python3" },
  from: { type: "string" },
  docs: { type: "string", default: "docs" },
  "print-only": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** What says how to measure. */
const OF_MEASUREMENT = [
  ...(["rounds", "bytes", "ranks", "transport", "buffers", "measure"] as const),
];

/** @throws a flag or value that there is not; says which there are */
export function parseOptions(args: readonly string[]): Options | "help" {
  const values = valuesOf(args);
  if (values.help) return "help";
  const given = OF_MEASUREMENT.filter(
    (flag) => values[flag] !== FLAGS[flag].default,
  ).map((flag) => `--${flag} ${values[flag]}`);
  if (values.from !== undefined && given.length > 0)
    throw new Error(
      `--from measures nothing, so that ${given[0]} has no meaning beside it; leave one of the two out`,
    );
  return {
    rounds: wholeNumber("rounds", values.rounds, 1),
    bytes: listed(values.bytes).map(floatBytes),
    ranks: listed(values.ranks).map((text) => wholeNumber("ranks", text, 2)),
    transports: namesOf("transport", values.transport, TRANSPORTS),
    buffers: namesOf("buffers", values.buffers, BUFFERS),
    measures: namesOf("measure", values.measure, MEASURES),
    python: values.python,
    from: values.from ?? null,
    docs: values["print-only"] ? null : values.docs,
    command: ["npm run bench:peers", ...(given.length > 0 ? ["--"] : [])]
      .concat(given)
      .join(" "),
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (error) {
    throw new Error(
      `${(error as Error).message}; npm run bench:peers -- --help lists the flags`,
      { cause: error },
    );
  }
}

const listed = (text: string): string[] => [
  ...new Set(text.split(",").map((part) => part.trim())),
];

function floatBytes(text: string): number {
  const bytes = parseSize("bytes", text);
  if (bytes > 0 && bytes % 4 === 0) return bytes;
  throw new Error(
    `--bytes ${text}: that is no whole number of float32 elements, which have 4 bytes each`,
  );
}

function wholeNumber(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`--${flag} "${text}" is no whole number from ${least}`);
}

const namesOf = <Name extends string>(
  flag: string,
  text: string,
  names: readonly Name[],
): Name[] =>
  listed(text).map((wanted) => {
    const found = names.find((name) => name === wanted);
    if (found !== undefined) return found;
    throw new Error(
      `unknown --${flag} "${wanted}"; there are: ${names.join(", ")}`,
    );
  });
