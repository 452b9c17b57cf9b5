import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** A folder to work in, beside the place where the result will lie: a rename puts it there, whole. */
export interface Staging {
  readonly folder: string;
  /** Moves `from`, below the staging folder, to its place; what was there before goes. */
  readonly publish: (from: string, to: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Whoever was killed leaves its folder; the next one on this host removes it. */
export async function openStaging(
  cache: string,
  pid = process.pid,
): Promise<Staging> {
  await mkdir(cache, { recursive: true });
  await removeLeftovers(cache);
  const folder = join(cache, `.setup-${hostname()}-${pid}`);
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

async function removeLeftovers(cache: string): Promise<void> {
  const prefix = `.setup-${hostname()}-`;
  for (const name of await readdir(cache)) {
    if (!name.startsWith(prefix)) continue;
    if (isAlive(Number(name.slice(prefix.length)))) continue;
    await rm(join(cache, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
