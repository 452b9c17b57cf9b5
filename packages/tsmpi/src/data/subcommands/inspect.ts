import type { Catalogue, DataRecord } from "@tsmpi/data";
import type { Flags } from "../../flags";
import { type Contents, findContents } from "../contents";
import {
  BAD_RECORD_FLAGS,
  FORMAT_FLAGS,
  HELP_FLAG,
  readBadRecordOptions,
  readCount,
  readFormatOptions,
  readPatterns,
} from "../data-flags";
import type { DataCommand } from "../data-command";
import { firstRecords } from "../decoded";
import { interruptible } from "../interruptible";
import { shareWork } from "../share-work";
import {
  bytesInWords,
  countInWords,
  inColumns,
  kindOf,
  plainValue,
  valueInWords,
} from "../words";

const FLAGS: Flags = {
  records: {
    type: "string",
    describe: "how many of the first records to show; default: 3",
    example: "--records 10",
  },
  json: {
    type: "boolean",
    describe: "one JSON object, with values in full, for programs",
    example: "--json",
  },
  "on-bad-record": BAD_RECORD_FLAGS["on-bad-record"],
  ...FORMAT_FLAGS,
  ...HELP_FLAG,
};

export const command: DataCommand = {
  summary: "what is in files: format, fields, counts, first records",
  usage: "FILES… [flags]",
  flags: FLAGS,
  examples: [
    ["tsrun data inspect train.csv", "one file"],
    ["tsrun data inspect 'data/*.tfrecord' --json", "for programs"],
  ],
  async run(given) {
    const { openCatalogue } = await import("@tsmpi/data");
    const most = readCount("records", given.text("records") ?? "3");
    const patterns = readPatterns(given);
    const quality = await readBadRecordOptions(given);
    const catalogue = await openCatalogue(
      patterns,
      await readFormatOptions(given),
    );
    return interruptible(async (signal) => {
      const [contents] = await shareWork({
        ...{ name: "inspect", task: catalogue, ranks: null, signal },
        work: findContents,
      });
      const first = await firstRecords(catalogue, most, {
        ...quality,
        allowNonFinite: true,
      });
      const described = { catalogue, contents: contents!, first };
      process.stdout.write(
        given.flag("json") ? asJson(described) : await asText(described),
      );
      return 0;
    });
  },
};

interface Described {
  readonly catalogue: Catalogue;
  readonly contents: Contents;
  readonly first: readonly DataRecord[];
}

function asJson({ catalogue, contents, first }: Described): string {
  const { format, schema, files } = catalogue;
  const facts = {
    ...{ format, schema, ...totals({ catalogue, contents }) },
    files: files.map(({ path, bytes }, i) => ({
      ...{ path, bytes, records: contents.counts[i] },
    })),
    first,
  };
  return JSON.stringify(facts, plainValue) + "\n";
}

const totals = ({ catalogue, contents }: Omit<Described, "first">) => ({
  records: contents.counts.reduce((sum, count) => sum + count, 0),
  bytes: catalogue.files.reduce((sum, { bytes }) => sum + bytes, 0),
});

/** Of more files only the first and the last are named. */
const MOST_NAMED = 6;

async function asText(described: Described): Promise<string> {
  const { formatIn } = await import("@tsmpi/data");
  const { catalogue, contents, first } = described;
  const { files } = catalogue;
  const { records, bytes } = totals(described);
  const { name, summary } = formatIn(catalogue);
  const named = files.map(({ path, bytes }, i) => [
    `  ${path}`,
    countInWords(contents.counts[i]!, "record"),
    bytesInWords(bytes),
  ]);
  const left = named.length - MOST_NAMED;
  if (left > 1) named.splice(MOST_NAMED - 1, left, [`  … ${left} more`]);
  const fields = new Map<string, Set<string>>();
  for (const record of first)
    for (const [field, value] of Object.entries(record))
      fields.set(field, (fields.get(field) ?? new Set()).add(kindOf(value)));
  return [
    `format   ${name}: ${summary}`,
    `records  ${records.toLocaleString("en-US")} in ${countInWords(files.length, "file")}, ${bytesInWords(bytes)}`,
    ...inColumns(named),
    ...(fields.size > 0
      ? [`fields, as in the first ${countInWords(first.length, "record")}`]
      : []),
    ...inColumns(
      [...fields].map(([field, kinds]) => [
        `  ${field}`,
        [...kinds].join(" or "),
      ]),
    ),
    ...first.flatMap((record, i) => [
      `record ${i}`,
      ...inColumns(
        Object.entries(record).map(([field, value]) => [
          `  ${field}`,
          valueInWords(value),
        ]),
      ),
    ]),
    "",
  ].join("\n");
}
