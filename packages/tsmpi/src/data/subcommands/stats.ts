import type { Flags } from "../../flags";
import {
  BAD_RECORD_FLAGS,
  FORMAT_FLAGS,
  HELP_FLAG,
  RANK_FLAGS,
  readBadRecordOptions,
  readFormatOptions,
  readPatterns,
  readRankCount,
} from "../data-flags";
import type { DataCommand } from "../data-command";
import { interruptible } from "../interruptible";
import { reportQuality } from "../report-quality";
import { shareWork } from "../share-work";
import { countUp, joinFields } from "../statistics/dataset-statistics";
import { deviationOf } from "../statistics/moments";
import { statisticsText } from "../statistics/statistics-text";
import { countInWords } from "../words";

const FLAGS: Flags = {
  json: {
    type: "boolean",
    describe: "one JSON object, for programs",
    example: "--json",
  },
  ...RANK_FLAGS,
  "on-bad-record": BAD_RECORD_FLAGS["on-bad-record"],
  ...FORMAT_FLAGS,
  ...HELP_FLAG,
};

export const work = countUp;

export const command: DataCommand = {
  summary:
    "what values fields have: bounds, mean, lengths, labels; with -n in parallel",
  usage: "FILES… [flags]",
  flags: FLAGS,
  examples: [
    ["tsrun data stats train.csv", "a line a field"],
    ["tsrun data stats 'data/*.tfrecord' -n 4", "by four ranks, joined"],
  ],
  async run(given) {
    const { openCatalogue } = await import("@tsmpi/data");
    const patterns = readPatterns(given);
    const [quality, ranks] = [
      await readBadRecordOptions(given),
      readRankCount(given),
    ];
    const catalogue = await openCatalogue(
      patterns,
      await readFormatOptions(given),
    );
    return interruptible(async (signal) => {
      const parts = await shareWork({
        ...{ name: "stats", work, ranks, signal },
        task: { catalogue, quality },
      });
      const records = parts.reduce((sum, part) => sum + part.records, 0);
      const fields = joinFields(parts);
      const lines = given.flag("json")
        ? [JSON.stringify({ records, fields: plain(fields) })]
        : [
            `${countInWords(records, "record")} in ${countInWords(catalogue.files.length, "file")}`,
            ...statisticsText(records, fields),
          ];
      process.stdout.write(lines.join("\n") + "\n");
      reportQuality(parts.map(({ report }) => report));
      return 0;
    });
  },
};

/** Bounds of nothing are null. */
const plain = (fields: ReturnType<typeof joinFields>) =>
  Object.fromEntries(
    [...fields].map(([name, { numbers, lengths, ...rest }]) => [
      name,
      {
        ...rest,
        numbers: described(numbers),
        lengths: described(lengths),
      },
    ]),
  );

const described = (moments: Parameters<typeof deviationOf>[0]) => {
  const { count, min, max, mean } = moments;
  return count === 0
    ? null
    : { count, min, max, mean, std: deviationOf(moments) };
};
