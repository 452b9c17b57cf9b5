import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { TsmpiError } from "@tsmpi/protocol";
import type { CatalogueOptions, DataRecord, Format } from "@tsmpi/data";
import type { Flags } from "../../flags";
import { UsageError } from "../../usage-error";
import { plainRecords, singleFields } from "../convert/plain-records";
import type { Output } from "../convert/shard-file";
import { openStaging } from "../convert/staging";
import {
  COMPRESSIONS,
  type Target,
  targetOf,
  type TargetOptions,
} from "../convert/target";
import { undoKilled } from "../convert/undo-killed";
import { type ConvertedPart, writeShards } from "../convert/write-shards";
import {
  BAD_RECORD_FLAGS,
  FORMAT_FLAGS,
  HELP_FLAG,
  RANK_FLAGS,
  readBadRecordOptions,
  readCount,
  readFormatOptions,
  readRankCount,
} from "../data-flags";
import type { DataCommand } from "../data-command";
import { firstRecords } from "../decoded";
import { interruptible } from "../interruptible";
import { reportQuality } from "../report-quality";
import { shareWork } from "../share-work";
import { checkName } from "../../check-name";
import { countInWords } from "../words";
import type { GivenFlags } from "../../read-flags";

const FLAGS: Flags = {
  to: {
    type: "string",
    describe: "the format of the shards; default: by the extension of OUT",
    example: "--to tfrecord",
  },
  shards: {
    type: "string",
    describe: "files to make; default: 1",
    example: "--shards 16",
  },
  compress: {
    type: "string",
    describe: "gz or zst: compress the shards",
    example: "--compress gz",
  },
  name: {
    type: "string",
    describe: "what shards are called; default: as the first file of IN",
    example: "--name train",
  },
  force: {
    type: "boolean",
    describe: "replace files of that name, when the new ones are whole",
    example: "--force",
  },
  ...RANK_FLAGS,
  ...BAD_RECORD_FLAGS,
  ...FORMAT_FLAGS,
  ...HELP_FLAG,
};

export const work = writeShards;

export const command: DataCommand = {
  summary:
    "write files again, in another format or number, in parallel with -n",
  usage: "IN… OUT [flags]",
  flags: FLAGS,
  examples: [
    ["tsrun data convert a.csv a.tfrecord", "one file"],
    [
      "tsrun data convert a.csv out --to tfrecord --shards 16 -n 4",
      "out/a-00000-of-00016.tfrecord …, by four ranks",
    ],
  ],
  async run(given) {
    const startMs = performance.now();
    const { openCatalogue, SAMPLE_RECORDS } = await import("@tsmpi/data");
    const [named, patterns] = readPaths(given);
    const out = behindLink(named);
    const [options, quality, ranks] = [
      await readFormatOptions(given),
      await readBadRecordOptions(given),
      readRankCount(given),
    ];
    for (const folder of [out, dirname(out)])
      for (const text of await undoKilled(folder))
        process.stderr.write(`${text}\n`);
    const catalogue = await openCatalogue(patterns, options);
    const target = targetOf(out, {
      ...readTarget(given),
      input: catalogue.files[0]!.path,
    });
    assertFree(target, given.flag("force"));
    const first = await firstRecords(catalogue, SAMPLE_RECORDS, quality);
    const output = await outputOf(target.format, first, options);
    return interruptible(async (signal) => {
      const staging = await openStaging(target);
      try {
        const parts = await shareWork({
          ...{ name: "convert", work, ranks, signal },
          task: {
            ...{ catalogue, output, quality },
            ...{ folder: staging.folder, names: target.names },
          },
        });
        await staging.publish();
        report(parts, target, startMs);
        return 0;
      } catch (error) {
        if (!(error instanceof TsmpiError) || !staging.isUnchanged) throw error;
        // Where they are made is nobody's business.
        const told = error.message.replaceAll(staging.folder, target.folder);
        error.message = `${told}; no file has been made or changed in ${target.folder}`;
        throw error;
      } finally {
        await staging.discard();
      }
    });
  },
};

/** What all records are to be like, as far as the first of them tell. */
async function outputOf(
  { name, writing }: Format,
  records: readonly DataRecord[],
  options: CatalogueOptions,
): Promise<Output> {
  const singles = writing!.isPlain ? singleFields(records) : null;
  const sample =
    singles === null ? records : records.map(plainRecords(singles));
  const schema = await writing!.schemaOf(sample, options);
  return { format: name, schema, singles };
}

function readPaths({
  positional,
}: GivenFlags): readonly [out: string, patterns: readonly string[]] {
  if (positional.length >= 2)
    return [positional.at(-1)!, positional.slice(0, -1)];
  throw new UsageError(
    "what is to be converted, and where to? Write tsrun data convert IN OUT, as in: tsrun data convert train.csv out --to tfrecord --shards 16",
  );
}

/** A link stands for what it leads to, as for any program that writes into a file. @throws {UsageError} it leads nowhere */
function behindLink(path: string): string {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  if (!isLink) return path;
  if (existsSync(path)) return realpathSync(path);
  throw new UsageError(
    `${path} is a link to ${readlinkSync(path)}, which is not there; remove the link, or name a file`,
  );
}

function readTarget(given: GivenFlags): Omit<TargetOptions, "input"> {
  const [text, compress] = [given.text("shards"), given.text("compress")];
  const shards = text === null ? null : readCount("shards", text);
  if (shards !== null && shards > MOST_SHARDS)
    throw new UsageError(
      `--shards ${shards} is more than ${MOST_SHARDS}, the most that their names can tell`,
    );
  return {
    ...{ to: given.text("to"), shards },
    compress:
      compress === null
        ? null
        : checkName("--compress", compress, COMPRESSIONS),
    name: given.text("name"),
  };
}

/** `-00000-of-99999` */
const MOST_SHARDS = 99_999;

function assertFree({ folder, names, inTheWay }: Target, force: boolean): void {
  if (force || inTheWay.length === 0) return;
  const [first] = inTheWay;
  const isOne = inTheWay.length === 1;
  throw new UsageError(
    `${join(folder, first!)} ${isOne ? "is" : `and ${inTheWay.length - 1} more like it are`} there already; --force replaces ${isOne ? "it" : "them"}${names.length === 1 && names[0] === first ? "" : ", --name NAME takes another name"}`,
  );
}

function report(
  parts: readonly ConvertedPart[],
  { folder, names, format }: Target,
  startMs: number,
): void {
  const seconds = (performance.now() - startMs) / 1000;
  const records = parts.reduce((sum, part) => sum + part.records, 0);
  const [first, last] = [join(folder, names[0]!), names.at(-1)];
  const files = names.length === 1 ? first : `${first} … ${last}`;
  process.stdout.write(
    `${countInWords(records, "record")} written as ${format.name} to ${files} in ${seconds.toFixed(1)} s\n`,
  );
  const empty = parts.flatMap((part) => part.empty);
  if (empty.length > 0)
    process.stdout.write(
      `${countInWords(empty.length, "file")} without a record: there are fewer records than shards\n`,
    );
  reportQuality(parts.map((part) => part.report));
}
