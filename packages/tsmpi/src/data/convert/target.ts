import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import { DataError } from "@tsmpi/protocol";
import { type Format, formatOf, FORMATS } from "@tsmpi/data";
import { checkName } from "../../check-name";
import { UsageError } from "../../usage-error";

/** Where a conversion goes. */
export interface Target {
  readonly format: Format;
  /** The folder in which the files get their names. */
  readonly folder: string;
  /** Of the files, without the folder, in the order of their records. */
  readonly names: readonly string[];
  /** Files there that these would replace, or stand beside as parts of another whole. */
  readonly inTheWay: readonly string[];
}

/** What the user says of it; null: nothing. */
export interface TargetOptions {
  readonly to: string | null;
  readonly shards: number | null;
  readonly compress: string | null;
  readonly name: string | null;
  /** A file by which shards are called, where no name is given. */
  readonly input: string;
}

export const COMPRESSIONS = ["gz", "zst"] as const;

/**
 * One file, if OUT ends as files of a format do; else a folder of shards: `OUT/name-00000-of-00016.tfrecord`.
 *
 * @throws {UsageError}
 */
export function targetOf(out: string, options: TargetOptions): Target {
  const { to, shards, compress, input } = options;
  const isFolder = existsSync(out) && statSync(out).isDirectory();
  const byName = isFolder ? null : formatNamedBy(out);
  if (byName !== null && (to === null || to === byName.name) && shards === null)
    return oneFile(out, writable(byName), compress);
  if (byName !== null && shards !== null)
    throw new UsageError(
      `${out} is the name of one file, and --shards makes a folder of them; name a folder, or leave --shards out`,
    );
  if (byName !== null)
    throw new UsageError(
      `${out} has the extension of ${byName.name}, and --to says ${to}; name another file, or leave --to out`,
    );
  if (to === null)
    throw new UsageError(
      `what is ${out} to be? Name a file with the extension of a format, or say --to FORMAT: ${namesOfWritable().join(", ")}`,
    );
  const format = writable(
    FORMATS.get(to) ?? FORMATS.get(checkName("--to", to, namesOfWritable()))!,
  );
  const extension =
    format.extensions[0]! + (compress === null ? "" : `.${compress}`);
  const count = shards ?? 1;
  const name = options.name ?? stemOf(input);
  // Who reads a folder passes over names that begin so.
  if (/^[._]|[/\\]/.test(options.name ?? ""))
    throw new UsageError(
      `--name "${name}" is the beginning of shards' names in ${out}: it has no slash, and begins with no dot or underscore`,
    );
  const five = (number: number) => String(number).padStart(5, "0");
  return {
    ...{ format, folder: out },
    names: Array.from(
      { length: count },
      (_, i) => `${name}-${five(i)}-of-${five(count)}${extension}`,
    ),
    inTheWay: shardsIn(out, name, format),
  };
}

function oneFile(
  path: string,
  format: Format,
  compress: string | null,
): Target {
  if (compress !== null && !path.endsWith(`.${compress}`))
    throw new UsageError(
      `--compress ${compress} is for shards; name the file ${path.replace(/\.(gz|zst)$/, "")}.${compress}`,
    );
  const name = basename(path);
  return {
    ...{ format, folder: dirname(path), names: [name] },
    inTheWay: existsSync(path) ? [name] : [],
  };
}

const namesOfWritable = (): string[] =>
  [...FORMATS.values()]
    .filter(({ writing }) => writing !== undefined)
    .map(({ name }) => name);

function writable(format: Format): Format {
  if (format.writing !== undefined) return format;
  throw new UsageError(
    `${format.name} is read and not written; formats that are written: ${namesOfWritable().join(", ")}`,
  );
}

function formatNamedBy(path: string): Format | null {
  try {
    return formatOf(path);
  } catch {
    return null;
  }
}

/** Of `data/train-00000-of-00004.csv.gz`: `train`. */
export const stemOf = (path: string): string => {
  const plain = basename(path).replace(/\.(gz|zst)$/, "");
  const stem = plain
    .slice(0, plain.length - extname(plain).length)
    .replace(/-\d+-of-\d+$/, "");
  return stem === "" ? "data" : stem;
};

/** All shards of that name, however many they are parts of: a pattern would find them together. */
function shardsIn(folder: string, name: string, format: Format): string[] {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory())
    throw new DataError(
      `${folder} is a file, and shards go into a folder; name another one, or remove the file`,
    );
  const extension = format.extensions[0]!;
  return readdirSync(folder).filter((file) => {
    if (!file.startsWith(`${name}-`)) return false;
    const rest = file.slice(name.length).replace(/\.(gz|zst)$/, "");
    return (
      rest.endsWith(extension) &&
      /^-\d{5}-of-\d{5}$/.test(rest.slice(0, -extension.length))
    );
  });
}
