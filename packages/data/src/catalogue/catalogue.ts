import {
  ArgumentError,
  checkArgument,
  DataError,
  either,
  listOf,
  TEXT,
} from "@tsmpi/protocol";
import { type ByteSource, openSource } from "../files/byte-source";
import { assertSettled } from "../files/replacement";
import type { Format, FormatOptions } from "../format";
import { formatOf, type FormatName, FORMATS } from "../registry";
import { findFiles } from "./find-files";
import { hasRecord } from "./has-record";
import { inGroups } from "./in-groups";
import { schemaDifference } from "./schema-difference";
import { optionInWords } from "../option-words";

/** The files of a dataset, and how to read them: plain data, which travels to other ranks. A file's number is its place in `files`. */
export interface Catalogue {
  /** By name. */
  readonly format: string;
  /** One for all files. */
  readonly schema: unknown;
  /** In natural order of their names. */
  readonly files: readonly CatalogueFile[];
}

export interface CatalogueFile {
  readonly path: string;
  /** As it lies on disk. */
  readonly bytes: number;
  readonly isSeekable: boolean;
}

export interface CatalogueOptions extends FormatOptions {
  /** Where names do not tell it. */
  readonly format?: FormatName;
}

/**
 * Looks for the files of a dataset, and at the beginning of each.
 *
 * @param patterns names of files and folders, with wildcards if you like: `data/train-*.tfrecord`, `**`, `{a,b}`
 * @throws {DataError} a pattern that no file matches; files of several formats, or with schemas that differ; no file with a record
 * @throws {UnknownNameError} no format goes by this name, or has this extension
 */
export async function openCatalogue(
  patterns: string | readonly string[],
  { format: name, ...options }: CatalogueOptions = {},
): Promise<Catalogue> {
  const list = namesIn(patterns);
  const paths = await filesOfDataset(list, name);
  await assertSettled(paths);
  const format = formatOfAll(paths, name);
  const files = await inGroups(paths, async (path) => {
    const source = await openSource(path);
    // A file without a byte has no schema.
    const schema =
      source.bytes === 0 ? null : await format.schema(source, options);
    return { source, schema };
  });
  const first = await firstFilled(format, files);
  if (first === null) {
    const bytes = files.reduce((sum, { source }) => sum + source.bytes, 0);
    throw new DataError(
      `the dataset is empty: ${files.length === 1 ? `${paths[0]} has` : `all ${paths.length} files of ${list.join(" ")} have`} ${bytes} bytes and no record`,
    );
  }
  for (const { source, schema } of files) {
    const difference = schemaDifference(schema, first.schema);
    // A file without a record belongs to any.
    if (difference !== null && (await hasRecord(format, source, schema)))
      throw new DataError(
        `${source.path} and ${first.source.path} cannot be one dataset, their schemas differ: in ${source.path} ${difference}; name files of one kind, or convert them`,
      );
  }
  return {
    ...{ format: format.name, schema: first.schema },
    files: files.map(({ source: { path, bytes, isSeekable } }) => ({
      ...{ path, bytes, isSeekable },
    })),
  };
}

interface OpenFile {
  readonly source: ByteSource;
  readonly schema: unknown;
}

/** null: none of them has a record. */
async function firstFilled(
  format: Format,
  files: readonly OpenFile[],
): Promise<OpenFile | null> {
  for (const file of files)
    if (await hasRecord(format, file.source, file.schema)) return file;
  return null;
}

/**
 * The files that are meant, each once, in natural order: those of a catalogue, without a look into them. Not those that are read
 * together with others.
 *
 * @param format of the files of folders; default: all that have the extension of one
 * @throws {DataError} a pattern that no file matches
 */
export async function filesOfDataset(
  patterns: string | readonly string[],
  format?: FormatName,
): Promise<string[]> {
  const list = namesIn(patterns);
  if (list.length === 0)
    throw new ArgumentError("a dataset needs the name of a file");
  const found = await findFiles(list, (path) => isOf(path, format));
  // Of an unknown kind: whoever opens it says so.
  const formatOfOne = (path: string) =>
    format !== undefined || isOf(path, format) ? formatOf(path, format) : null;
  const companions = new Set(
    found.flatMap((path) => formatOfOne(path)?.companions?.(path) ?? []),
  );
  return found.filter((path) => !companions.has(path));
}

function namesIn(patterns: string | readonly string[]): readonly string[] {
  checkArgument("a dataset", "patterns", patterns, PATTERNS);
  return typeof patterns === "string" ? [patterns] : patterns;
}

const PATTERNS = either(TEXT, listOf("a list of them", TEXT));

/** How the files of a catalogue are read. */
export const formatIn = ({ format }: Catalogue): Format => FORMATS.get(format)!;

function isOf(path: string, name: string | undefined): boolean {
  try {
    return formatOf(path).name === (name ?? formatOf(path).name);
  } catch {
    return false;
  }
}

function formatOfAll(
  paths: readonly string[],
  name: FormatName | undefined,
): Format {
  const [first, ...others] = paths;
  const format = formatOf(first!, name);
  const other = others.find((path) => formatOf(path, name) !== format);
  if (other !== undefined)
    throw new DataError(
      `${first} is ${format.name} and ${other} is ${formatOf(other).name}; a dataset is of one format: name files of one, or say which with ${optionInWords("format")}`,
    );
  return format;
}
