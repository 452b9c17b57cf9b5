import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { endReplacement, replacementsIn } from "@tsmpi/data";
import { DataError, isAlive } from "@tsmpi/protocol";
import { BEFORE } from "./staging";

/**
 * Puts back what was in a folder before conversions that were killed while their files got their names.
 *
 * @returns whether there was one
 * @throws {DataError} it may still be at it
 */
export async function undoKilled(folder: string): Promise<boolean> {
  const found = await replacementsIn(folder);
  for (const [staging, { names, inTheWay, pid, host }] of found) {
    if (host !== hostname() || isAlive(pid))
      throw new DataError(
        `process ${pid} on ${host} is replacing files in ${folder}, or was when it was killed; wait for it, or, if it is gone, put back what was there, from ${join(staging, BEFORE)}, and remove ${staging}`,
      );
    for (const name of names)
      if (!inTheWay.includes(name))
        await rm(join(folder, name), { force: true });
    for (const name of inTheWay) {
      const kept = join(staging, BEFORE, name);
      // It is back already where undoing was killed, too.
      if (existsSync(kept)) await rename(kept, join(folder, name));
    }
    await endReplacement(staging);
    await rm(staging, { recursive: true, force: true });
  }
  return found.size > 0;
}
