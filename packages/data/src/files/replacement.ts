import { createHash } from "node:crypto";
import {
  readdir,
  readFile,
  rename,
  rm,
  unlink,
  writeFile,
} from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { DataError, isAlive, machineOf } from "@tsmpi/protocol";

/** Of hidden folders in which files are made, before all of them get their names beside it. Behind it: machine, process, six letters. */
const STAGING_PREFIX = ".tsrun-data-";
const STAGING_NAME = /^\.tsrun-data-(\w+)-(\d+)-\w{6}$/;

/** Of this process. */
export const stagingPrefix = (): string =>
  `${STAGING_PREFIX}${machineHash()}-${process.pid}-`;

/** The same where process numbers mean the same: hosts and containers may have one name, and one disk. */
const machineHash = (): string =>
  createHash("sha256").update(machineOf()).digest("hex").slice(0, 12);

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

/**
 * Removes staging folders that nobody needs: their processes, of this machine, ended before any file got its name. Those that are not
 * this user's stay.
 *
 * @returns whether there were any
 */
export async function removeAbandoned(folder: string): Promise<boolean> {
  const machine = machineHash();
  const names = await readdir(folder).catch(() => []);
  const over = names.filter((name) => {
    const [, host, pid] = STAGING_NAME.exec(name) ?? [];
    return host === machine && !isAlive(Number(pid));
  });
  // Behind that: a process may have begun to give files their names before it ended.
  const replacing = await replacementsIn(folder);
  const removed = await Promise.all(
    over
      .map((name) => join(folder, name))
      .filter((staging) => !replacing.has(staging))
      .map((staging) =>
        rm(staging, { recursive: true, force: true }).then(
          () => true,
          () => false,
        ),
      ),
  );
  return removed.includes(true);
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
