import { realpath, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { DataError } from "@tsmpi/protocol";
import { isImageFolder } from "../images/image-folder";
import { inGroups } from "./in-groups";
import { inNaturalOrder } from "./natural-order";

/** What programs leave beside their data: hidden files, `_SUCCESS`, what is still being written. */
const NO_DATA = /(^|\/)[._][^/]*$|\.unfinished-[^/]*$/;

/**
 * The files that are meant, each once, by whatever names and links it is found, in natural order. A pattern is the name of a file,
 * a folder (all that lies in it, except what programs leave there; a folder of images is one, and ends with a slash), or has
 * wildcards: `data/train-*.tfrecord`, `**`, `{a,b}`.
 *
 * @param isWanted of the files of a folder, by their paths
 * @throws {DataError} a pattern that no file matches
 */
export async function findFiles(
  patterns: readonly string[],
  isWanted: (path: string) => boolean,
): Promise<string[]> {
  const all: string[] = [];
  for (const pattern of patterns) {
    const paths = await filesOf(pattern, isWanted);
    if (paths.length === 0) throw nothing(pattern);
    all.push(...paths);
  }
  all.sort(inNaturalOrder);
  const files = await inGroups(all, (path) => realpath(path));
  const first = new Map(
    files.map((file, i) => [file, all[i]!] as const).reverse(),
  );
  return [...new Set(files)].map((file) => first.get(file)!);
}

async function filesOf(
  pattern: string,
  isWanted: (path: string) => boolean,
): Promise<string[]> {
  const there = await stat(pattern).catch(() => null);
  if (there !== null && !there.isDirectory()) return [pattern];
  if (there !== null && (await isImageFolder(pattern)))
    return [pattern.replace(/\/*$/, "/")];
  const { glob } = await import("tinyglobby");
  if (there === null)
    return glob(pattern, {
      expandDirectories: false,
      absolute: isAbsolute(pattern),
    });
  const inside = await glob("**", { cwd: pattern });
  return inside
    .filter((path) => !NO_DATA.test(path) && isWanted(path))
    .map((path) => join(pattern, path));
}

const nothing = (pattern: string): DataError =>
  new DataError(
    `no file of a dataset matches ${pattern} (in ${process.cwd()}); check the name, and that this machine has the files`,
  );
