import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isAlive } from "@tsmpi/protocol";

/** A folder to work in, beside the place where the result will lie: a rename puts it there, whole. */
export interface Staging {
  readonly folder: string;
  /** Moves `from`, below the staging folder, to its place; what was there before goes. */
  readonly publish: (from: string, to: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const PREFIX = ".setup-";

/** Whoever was killed leaves its folder; the next one on this host removes it. */
export async function openStaging(
  cache: string,
  pid = process.pid,
): Promise<Staging> {
  await mkdir(cache, { recursive: true });
  await removeLeftovers(cache);
  const folder = join(cache, `${PREFIX}${hostname()}-${pid}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  return {
    folder,
    publish: async (from, to) => {
      // Not in one step, since a rename replaces no folder that has files: for an instant there is neither, and jobs run on wasm.
      await rename(to, join(folder, "replaced")).catch(() => {});
      await rename(from, to);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** @returns whether someone is at work in this cache, here or on another host */
export async function removeLeftovers(cache: string): Promise<boolean> {
  const ofThisHost = `${PREFIX}${hostname()}-`;
  let isInUse = false;
  for (const name of await readdir(cache)) {
    if (!name.startsWith(PREFIX)) continue;
    if (
      name.startsWith(ofThisHost) &&
      !isAlive(Number(name.slice(ofThisHost.length)))
    )
      await rm(join(cache, name), { recursive: true, force: true });
    else isInUse = true;
  }
  return isInUse;
}
