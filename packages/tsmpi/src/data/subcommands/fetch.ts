import { join } from "node:path";
import { checkName } from "../../check-name";
import type { Flags } from "../../flags";
import { UsageError } from "../../usage-error";
import type { DataCommand } from "../data-command";
import { HELP_FLAG } from "../data-flags";
import type { PublicDataset } from "../downloads/dataset";
import * as members from "../downloads/datasets";
import { fetchDataset } from "../downloads/fetch-dataset";
import { interruptible } from "../interruptible";
import { showProgress } from "../progress-bar";
import { bytesInWords, countInWords } from "../words";

const DATASETS: ReadonlyMap<string, PublicDataset> = new Map(
  Object.values(members).map((dataset) => [dataset.name, dataset]),
);

const FLAGS: Flags = {
  to: {
    type: "string",
    describe: "the folder to put it in; default: data/NAME",
    example: "--to ~/datasets/mnist",
  },
  from: {
    type: "string",
    describe: "a URL below which the files lie, instead of the one known",
    example: "--from http://mirror.lan/mnist/",
  },
  ...HELP_FLAG,
};

export const command: DataCommand = {
  summary: `download ${[...DATASETS.keys()].join(", ")}; checked, and gone on with where it broke off`,
  usage: "NAME [flags]",
  flags: FLAGS,
  examples: [
    ...[...DATASETS.values()].map(
      ({ name, summary, files }) =>
        [
          `tsrun data fetch ${name}`,
          `${summary} (${bytesInWords(files.reduce((sum, { bytes }) => sum + bytes, 0))})`,
        ] as const,
    ),
  ],
  run(given) {
    const [name, ...rest] = given.positional;
    const names = [...DATASETS.keys()];
    if (name === undefined)
      throw new UsageError(`which dataset? There are: ${names.join(", ")}`);
    if (rest.length > 0)
      throw new UsageError(
        `tsrun data fetch fetches one dataset, and "${rest[0]}" is one word too many`,
      );
    const dataset = DATASETS.get(checkName("dataset", name, names))!;
    const folder = given.text("to") ?? join("data", dataset.name);
    const url = readUrl(given.text("from"));
    return interruptible(async (signal) => {
      const bar = showProgress();
      const fetched = await fetchDataset(dataset, {
        ...{ folder, signal, ...(url !== null && { url }) },
        onBytes: (done, total) =>
          bar.show(0, { stage: "fetching", done, total, unit: "bytes" }),
      }).finally(() => bar.close());
      const { files, about } = dataset;
      process.stdout.write(
        [
          `${dataset.name} is in ${folder}: ${countInWords(files.length, "file")}, each with the sha256 it should have${fetched.length === 0 ? "; they were there already" : ""}`,
          `what it is, and under which terms: ${about}`,
          "",
        ].join("\n"),
      );
      return 0;
    });
  },
};

function readUrl(text: string | null): string | null {
  if (text === null) return null;
  if (URL.canParse(text)) return text.endsWith("/") ? text : `${text}/`;
  throw new UsageError(
    `--from "${text}" is no URL; write ${FLAGS.from!.example}`,
  );
}
