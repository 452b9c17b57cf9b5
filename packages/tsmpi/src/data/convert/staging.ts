import {
  copyFile,
  link,
  mkdir,
  mkdtemp,
  rename,
  rm,
  rmdir,
} from "node:fs/promises";
import { join } from "node:path";
import { beginReplacement, endReplacement, stagingPrefix } from "@tsmpi/data";
import { DataError } from "@tsmpi/protocol";
import type { Target } from "./target";

/** Within the staging folder: what was in the way, until all is done. */
export const BEFORE = "before";

/** A hidden folder beside where files are to be: they are made there, and moved when all of them are whole. */
export interface Staging {
  readonly folder: string;
  /** False: what was done could not be undone; the error says where the files are that were there. */
  readonly isUnchanged: boolean;
  /**
   * All files get their names, and those that were in the way are gone.
   *
   * @throws {DataError} one could not be moved: what was there is as it was
   */
  publish(): Promise<void>;
  /** Leaves nothing behind, and nothing changed. Does nothing after `publish`. */
  discard(): Promise<void>;
}

/** @throws {DataError} the folder cannot be made or written */
export async function openStaging(target: Target): Promise<Staging> {
  const { folder: place } = target;
  const made = await mkdir(place, { recursive: true }).catch(cannot(place));
  const folder = await mkdtemp(join(place, stagingPrefix())).catch(
    cannot(place),
  );
  let isUnchanged = true;
  return {
    folder,
    get isUnchanged() {
      return isUnchanged;
    },
    async publish() {
      const before = join(folder, BEFORE);
      await keep(target, before).catch(cannot(place));
      // Who is killed from here on leaves old files and new ones, and word of it.
      await beginReplacement(folder, target).catch(cannot(place));
      const placed: string[] = [];
      try {
        for (const name of target.names) {
          await rename(join(folder, name), join(place, name));
          placed.push(name);
        }
        for (const name of target.inTheWay)
          if (!target.names.includes(name)) await rm(join(place, name));
      } catch (cause) {
        await putBack(target, before, placed).catch((error: Error) => {
          isUnchanged = false;
          throw new DataError(
            `${place} cannot be written: ${(cause as Error).message}; nor could all be undone (${error.message}): what was there and is missing now lies in ${before}`,
            { cause },
          );
        });
        await endReplacement(folder);
        cannot(place)(cause as Error);
      }
      await endReplacement(folder);
      await rm(folder, { recursive: true, force: true });
    },
    async discard() {
      if (!isUnchanged) return;
      await rm(folder, { recursive: true, force: true });
      // It is there for nothing if this made it; what others have put there since keeps it.
      if (made !== undefined) await rmdir(place).catch(() => undefined);
    },
  };
}

/** Gives what is in the way a second name, where it stays until all is done. */
async function keep(
  { folder, inTheWay }: Target,
  before: string,
): Promise<void> {
  await mkdir(before);
  for (const name of inTheWay) {
    const [from, to] = [join(folder, name), join(before, name)];
    // Some disks know one name for a file only.
    await link(from, to).catch(() => copyFile(from, to));
  }
}

async function putBack(
  { folder, inTheWay }: Target,
  before: string,
  placed: readonly string[],
): Promise<void> {
  for (const name of inTheWay)
    await rename(join(before, name), join(folder, name));
  for (const name of placed)
    if (!inTheWay.includes(name)) await rm(join(folder, name));
}

const cannot =
  (place: string) =>
  (cause: Error): never => {
    throw new DataError(`${place} cannot be written: ${cause.message}`, {
      cause,
    });
  };
