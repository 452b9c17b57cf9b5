import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { endReplacement, removeAbandoned, replacementsIn } from "@tsmpi/data";
import { DataError, isAlive } from "@tsmpi/protocol";
import { BEFORE } from "./staging";

/**
 * Puts back what was in a folder before conversions that were killed while their files got their names, and removes what those left
 * that were killed before.
 *
 * @returns a sentence for people on each kind that there was
 * @throws {DataError} it may still be at it
 */
export async function undoKilled(folder: string): Promise<string[]> {
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
  const isRemoved = await removeAbandoned(folder);
  return [
    ...(found.size > 0
      ? [
          `${folder}: an earlier conversion was killed while its files got their names; what was there before is back`,
        ]
      : []),
    ...(isRemoved
      ? [
          `${folder}: an earlier conversion was killed before its files got their names; what it had made is removed`,
        ]
      : []),
  ];
}
