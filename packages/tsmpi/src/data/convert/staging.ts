import { mkdtemp, mkdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "@tsmpi/protocol";
import type { Target } from "./target";

/** A hidden folder beside where files are to be: they are made there, and moved when all of them are whole. */
export interface Staging {
  readonly folder: string;
  /** All files get their names. */
  publish(): Promise<void>;
  /** Leaves nothing behind, and nothing changed. Does nothing after `publish`. */
  discard(): Promise<void>;
}

/** @throws {DataError} the folder cannot be made or written */
export async function openStaging(target: Target): Promise<Staging> {
  const { folder: place, names, inTheWay } = target;
  const made = await mkdir(place, { recursive: true }).catch(cannot(place));
  const folder = await mkdtemp(join(place, ".tsrun-data-")).catch(
    cannot(place),
  );
  const remove = () => rm(folder, { recursive: true, force: true });
  return {
    folder,
    async publish() {
      for (const name of inTheWay)
        if (!names.includes(name)) await rm(join(place, name));
      for (const name of names)
        await rename(join(folder, name), join(place, name));
      await remove();
    },
    async discard() {
      await remove();
      // It is there for nothing if this made it; what others have put there since keeps it.
      if (made !== undefined) await rmdir(place).catch(() => undefined);
    },
  };
}

const cannot =
  (place: string) =>
  (cause: Error): never => {
    throw new DataError(`${place} cannot be written: ${cause.message}`, {
      cause,
    });
  };
