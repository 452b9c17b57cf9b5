import { readdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { DataError, isAlive } from "@tsmpi/protocol";

/** Of hidden folders in which files are made, before all of them get their names beside it. Behind it: host, process, six letters. */
const STAGING_PREFIX = ".tsrun-data-";
const STAGING_NAME = /^\.tsrun-data-(.+)-(\d+)-\w{6}$/;

/** Of this process. */
export const stagingPrefix = (): string =>
  `${STAGING_PREFIX}${hostname()}-${process.pid}-`;
/** In such a folder, while they get them. */
const JOURNAL = "journal.json";

/** Files of a folder that are being replaced. If nobody is at it any more, what is there is old files and new ones. */
export interface Replacement {
  /** The new files. */
  readonly names: readonly string[];
  /** The old ones, which the staging folder has, too. */
  readonly inTheWay: readonly string[];
  readonly pid: number;
  readonly host: string;
}

export async function beginReplacement(
  staging: string,
  { names, inTheWay }: Pick<Replacement, "names" | "inTheWay">,
): Promise<void> {
  const { pid } = process;
  const own: Replacement = { names, inTheWay, pid, host: hostname() };
  const journal = join(staging, JOURNAL);
  // It is there as a whole, or not at all.
  await writeFile(`${journal}.unfinished`, JSON.stringify(own));
  await rename(`${journal}.unfinished`, journal);
}

/** All files are new, or all are old again: from then on the staging folder is of no use. */
export const endReplacement = (staging: string): Promise<void> =>
  unlink(join(staging, JOURNAL));

/** Those that have begun in a folder and not ended, by their staging folders. */
export async function replacementsIn(
  folder: string,
): Promise<Map<string, Replacement>> {
  const found = new Map<string, Replacement>();
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(STAGING_PREFIX)) continue;
    const staging = join(folder, name);
    const journal = await readFile(join(staging, JOURNAL), "utf8").catch(
      () => null,
    );
    if (journal !== null)
      found.set(staging, JSON.parse(journal) as Replacement);
  }
  return found;
}

/** Staging folders in a folder that nobody needs: their processes, of this host, ended before any file got its name. */
export async function abandonedIn(folder: string): Promise<string[]> {
  const replacing = await replacementsIn(folder);
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => {
    const staging = join(folder, name);
    const [, host, pid] = STAGING_NAME.exec(name) ?? [];
    const isOver = host === hostname() && !isAlive(Number(pid));
    return isOver && !replacing.has(staging) ? [staging] : [];
  });
}

/** @throws {DataError} one of these files is, or should be, another: names who was replacing it */
export async function assertSettled(paths: readonly string[]): Promise<void> {
  for (const folder of new Set(paths.map((path) => dirname(path))))
    for (const [staging, replacement] of await replacementsIn(folder)) {
      const { names, inTheWay, pid, host } = replacement;
      const ours = paths.find(
        (path) =>
          dirname(path) === folder &&
          [...names, ...inTheWay].includes(basename(path)),
      );
      if (ours !== undefined)
        throw new DataError(
          `${ours} is one of the files that process ${pid} on ${host} is replacing by others, or was when it was killed: some in ${folder} are old and some are new; wait for it, or convert into ${folder} again, which first puts back what was there (from ${staging})`,
        );
    }
}
