import { UnknownNameError } from "@tsmpi/protocol";
import type { Format } from "./format";
import { plainName } from "./files/compression";
import * as members from "./formats";
import { optionInWords } from "./option-words";

export type FormatName = (typeof members)[keyof typeof members]["name"];

/** All formats, by name. */
export const FORMATS: ReadonlyMap<string, Format> = new Map(
  Object.values(members).map((format) => [format.name, format as Format]),
);

/**
 * The format with that name, or else the one that knows the path as a whole, or whose extension it has (the longest, where several
 * fit). A path that ends with a slash is a folder's.
 *
 * @throws {UnknownNameError} no format has this extension; lists those there are
 */
export function formatOf(path: string, name?: string): Format {
  const found =
    name === undefined ? byPath(plainName(path)) : FORMATS.get(name);
  if (found) return found;
  const known = [...FORMATS.values()].map(
    (format) => `${format.name} (${namesOfFiles(format)})`,
  );
  throw new UnknownNameError(
    `${name === undefined ? `what ${path} holds cannot be told by its name` : `there is no format ${name}`}; the formats are ${known.join(", ")}${name === undefined ? `; name one with ${optionInWords("format")}` : ""}`,
  );
}

/** By what names files of a format are known: `.jsonl .ndjson`. */
export const namesOfFiles = ({ extensions, paths }: Format): string =>
  [...extensions, ...(paths ? [paths.example] : [])].join(" ");

const byPath = (path: string): Format | undefined =>
  [...FORMATS.values()].find(({ paths }) => paths?.pattern.test(path)) ??
  byExtension(path);

function byExtension(path: string): Format | undefined {
  const fitting = [...FORMATS.values()].flatMap((format) =>
    format.extensions
      .filter((extension) => path.endsWith(extension))
      .map((extension) => ({ format, length: extension.length })),
  );
  return fitting.sort((a, b) => b.length - a.length)[0]?.format;
}
