import { DataError } from "@tsmpi/protocol";
import type { Catalogue, CatalogueOptions } from "@tsmpi/data";
import type { Flags } from "../../flags";
import {
  FORMAT_FLAGS,
  HELP_FLAG,
  RANK_FLAGS,
  readFormatOptions,
  readPatterns,
  readRankCount,
} from "../data-flags";
import type { DataCommand } from "../data-command";
import { interruptible } from "../interruptible";
import { shareWork } from "../share-work";
import {
  joinParts,
  sizeOf,
  type VerifiedPart,
  verifyFiles,
} from "../verify/verify-files";
import { bytesInWords, countInWords } from "../words";

const FLAGS: Flags = {
  json: {
    type: "boolean",
    describe: "one JSON object, for programs",
    example: "--json",
  },
  ...RANK_FLAGS,
  ...FORMAT_FLAGS,
  ...HELP_FLAG,
};

export const work = verifyFiles;

export const command: DataCommand = {
  summary: "read and decode all, and name what is damaged; with -n in parallel",
  usage: "FILES… [flags]",
  flags: FLAGS,
  examples: [
    [
      "tsrun data verify 'data/*.tfrecord' -n 4",
      "exit code 1 where something is damaged",
    ],
  ],
  async run(given) {
    const { filesOfDataset, joinAccounts } = await import("@tsmpi/data");
    const patterns = readPatterns(given);
    const [options, ranks] = [
      await readFormatOptions(given),
      readRankCount(given),
    ];
    const paths = await filesOfDataset(patterns, options.format);
    return interruptible(async (signal) => {
      const parts = await shareWork({
        ...{ name: "verify", work, ranks, signal },
        task: { paths, options },
      });
      const files = joinParts(parts.flat(), paths.length);
      const sizes = await Promise.all(paths.map(sizeOf));
      const damaged = files.filter(({ damages }) => damages > 0);
      const facts = {
        files: files.length,
        records: files.reduce((sum, { records }) => sum + records, 0),
        bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
        checksum: joinAccounts(
          catalogueOf(paths),
          parts.flat().map(({ account }) => account),
        ).checksum!,
        damaged: damaged.map(({ file, damages, examples }) => ({
          ...{ path: paths[file]!, damages, examples },
        })),
        // Of files that are sound one by one.
        apart: damaged.length > 0 ? null : await whyApart(patterns, options),
      };
      process.stdout.write(
        given.flag("json")
          ? JSON.stringify(facts) + "\n"
          : asText(facts, damaged, paths),
      );
      return damaged.length > 0 || facts.apart !== null ? 1 : 0;
    });
  },
};

const catalogueOf = (paths: readonly string[]): Catalogue => ({
  ...{ format: "", schema: null },
  files: paths.map((path) => ({ path, bytes: 0, isSeekable: false })),
});

/** Why files are not one dataset; null: they are. */
async function whyApart(
  patterns: readonly string[],
  options: CatalogueOptions,
): Promise<string | null> {
  const { openCatalogue } = await import("@tsmpi/data");
  try {
    await openCatalogue(patterns, options);
    return null;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return error.message;
  }
}

function asText(
  facts: {
    readonly files: number;
    readonly records: number;
    readonly bytes: number;
    readonly checksum: string;
    readonly apart: string | null;
  },
  damaged: readonly Omit<VerifiedPart, "account">[],
  paths: readonly string[],
): string {
  const { files, records, bytes, checksum, apart } = facts;
  return [
    ...damaged.flatMap(({ file, damages, examples }) => [
      `${paths[file]} is damaged${damages > 1 ? ` in ${countInWords(damages, "place")}` : ""}:`,
      ...examples.map((example) => `  ${example}`),
      ...(damages > examples.length
        ? [`  … ${damages - examples.length} more`]
        : []),
    ]),
    ...(apart === null ? [] : [apart]),
    `${countInWords(records, "sound record")} in ${countInWords(files, "file")}, ${bytesInWords(bytes)}, checksum ${checksum}: ${damaged.length > 0 ? `${countInWords(damaged.length, "file")} damaged` : apart === null ? "nothing is damaged" : "nothing is damaged, and yet this is no dataset"}`,
    "",
  ].join("\n");
}
