import type {
  CatalogueOptions,
  ColumnType,
  FeatureDtype,
  FeatureSpecs,
  FormatName,
  OnBadRecord,
} from "@tsmpi/data";
import { checkName } from "../check-name";
import { type Flags, FLAGS } from "../flags";
import { readRanks } from "../parse";
import type { GivenFlags } from "../read-flags";
import { UsageError } from "../usage-error";

/** What files do not say themselves. */
export const FORMAT_FLAGS = {
  format: {
    type: "string",
    describe: "the format, where names do not tell it",
    example: "--format jsonl",
  },
  proto: {
    type: "string",
    describe: "Protocol Buffers: the .proto file",
    example: "--proto record.proto",
  },
  message: {
    type: "string",
    describe: "Protocol Buffers: the message in it",
    example: "--message PretrainData",
  },
  features: {
    type: "string",
    describe:
      "TFRecord: what features are, and all that is read: NAME=DTYPE or NAME=DTYPE[LENGTHS]",
    example: "--features 'image=float32[784],label=int32,text=string'",
  },
  arrays: {
    type: "string",
    describe: "npz: the arrays that are read; default: all",
    example: "--arrays x,y",
  },
  labels: {
    type: "string",
    describe: "IDX: the file with the labels, if its name does not tell it",
    example: "--labels mine-ubyte.gz",
  },
  "no-labels": {
    type: "boolean",
    describe: "IDX: images without labels",
    example: "--no-labels",
  },
  classes: {
    type: "string",
    describe: "CIFAR: 10 or 100, if names do not tell it",
    example: "--classes 100",
  },
  channels: {
    type: "string",
    describe:
      "images: 1 (grey), 2, 3 (RGB) or 4 (RGBA), to which all are converted",
    example: "--channels 3",
  },
  "no-header": {
    type: "boolean",
    describe: "CSV: the first line is a record",
    example: "--no-header",
  },
  delimiter: {
    type: "string",
    describe: "CSV: between fields; default: a comma, in .tsv a tab",
    example: "--delimiter ';'",
  },
  columns: {
    type: "string",
    describe:
      "CSV: types of columns that are not to be found out: number, boolean, text",
    example: "--columns zip=text,price=number",
  },
  dtype: {
    type: "string",
    describe: "token files: element type",
    example: "--dtype uint16",
  },
  window: {
    type: "string",
    describe: "token files: tokens of a record",
    example: "--window 1024",
  },
} as const satisfies Flags;

export const BAD_RECORD_FLAGS = {
  "on-bad-record": {
    type: "string",
    describe:
      "fail: end with an error (default); skip: leave it out; log: say so, and keep it where it can be decoded",
    example: "--on-bad-record skip",
  },
  "allow-non-finite": {
    type: "boolean",
    describe: "NaN and infinities are as good as other numbers",
    example: "--allow-non-finite",
  },
} as const satisfies Flags;

export const RANK_FLAGS = {
  n: {
    type: "string",
    describe: "ranks that share the work; default: one process",
    example: "-n 4",
    alias: ["np"],
  },
} as const satisfies Flags;

export const HELP_FLAG = { help: FLAGS.help! } as const;

/** @throws {UsageError} */
export async function readFormatOptions(
  given: GivenFlags,
): Promise<CatalogueOptions> {
  const { FORMATS } = await import("@tsmpi/data");
  const format = given.text("format");
  const [proto, message, features, delimiter, dtype, window, columns] = [
    ...["proto", "message", "features", "delimiter", "dtype", "window"],
    "columns",
  ].map((name) => given.text(name));
  const [arrays, labels, classes, channels] = (
    ["arrays", "labels", "classes", "channels"] as const
  ).map((name) => given.text(name));
  return {
    ...(format !== null && {
      format: checkName("--format", format, [
        ...(FORMATS as ReadonlyMap<FormatName, unknown>).keys(),
      ]),
    }),
    ...(proto != null && { proto }),
    ...(message != null && { message }),
    ...(features != null && { features: readFeatures(features) }),
    ...(given.flag("no-header") && { header: false }),
    ...(delimiter != null && { delimiter }),
    ...(dtype != null && { dtype }),
    ...(window != null && { window: readCount("window", window) }),
    ...(columns != null && { columns: readColumns(columns) }),
    ...(arrays != null && { arrays: arrays.split(",") }),
    ...(labels != null && { labels }),
    ...(given.flag("no-labels") && { labels: false }),
    // What there may be, the format says.
    ...(classes != null && { classes: readCount("classes", classes) as 10 }),
    ...(channels != null && { channels: readCount("channels", channels) }),
  };
}

/** A list of `label=int32` and `image=float32[28,28]`. */
const readFeatures = (list: string): FeatureSpecs =>
  Object.fromEntries(
    // At commas that are not within brackets.
    list.split(/,(?![^[]*\])/).map((pair) => {
      const parts = /^(.+)=(\w+)(?:\[([\d,-]*)\])?$/.exec(pair.trim());
      if (parts === null)
        throw new UsageError(
          `--features "${pair}" says no type of a feature; write ${FORMAT_FLAGS.features.example}`,
        );
      const [, name, dtype, lengths = ""] = parts;
      const shape = lengths === "" ? [] : lengths.split(",").map(Number);
      return [name!, { dtype: dtype as FeatureDtype, shape }];
    }),
  );

const COLUMN_TYPES = ["number", "boolean", "text"] as const;

const readColumns = (list: string): Record<string, ColumnType> =>
  Object.fromEntries(
    list.split(",").map((pair) => {
      const at = pair.lastIndexOf("=");
      if (at < 1)
        throw new UsageError(
          `--columns "${pair}" names no type; write ${FORMAT_FLAGS.columns.example}`,
        );
      const type = checkName("--columns", pair.slice(at + 1), COLUMN_TYPES);
      return [pair.slice(0, at), type];
    }),
  );

/** @throws {UsageError} it is no whole number of at least 1 */
export function readCount(flag: string, value: string): number {
  const count = Number(value);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new UsageError(
    `--${flag} "${value}" is not a whole number of at least 1`,
  );
}

/** What the guard is told. */
export interface BadRecordOptions {
  readonly onBadRecord: OnBadRecord;
  readonly allowNonFinite: boolean;
}

/** @throws {UsageError} */
export async function readBadRecordOptions(
  given: GivenFlags,
): Promise<BadRecordOptions> {
  const { ON_BAD_RECORD } = await import("@tsmpi/data");
  return {
    onBadRecord: checkName(
      "--on-bad-record",
      given.text("on-bad-record") ?? "fail",
      ON_BAD_RECORD,
    ),
    allowNonFinite: given.flag("allow-non-finite"),
  };
}

/** null: this process alone. @throws {UsageError} */
export const readRankCount = (given: GivenFlags): number | null =>
  readRanks(given.text("n"));

/** @throws {UsageError} there are none */
export function readPatterns(given: GivenFlags): readonly string[] {
  if (given.positional.length > 0) return given.positional;
  throw new UsageError(
    "which files? Name them, their folder, or a pattern in quotes: 'data/*.tfrecord'",
  );
}
