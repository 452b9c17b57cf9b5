import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CheckpointError, isAlive } from "@tsmpi/protocol";

const EXTENSION = ".safetensors";
const NAME = /^checkpoint-(\d{8,})\.safetensors$/;
const TEMPORARY = /^\.checkpoint-\d+\.(\d+)\.tmp$/;

const nameOf = (number: number): string =>
  `checkpoint-${String(number).padStart(8, "0")}${EXTENSION}`;

/** Paths of a folder's checkpoints, oldest first. Empty if there is no such folder. */
export async function checkpointsIn(folder: string): Promise<string[]> {
  const numbers = (await namesIn(folder))
    .map((name) => NAME.exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number);
  return numbers
    .sort((a, b) => a - b)
    .map((number) => join(folder, nameOf(number)));
}

/**
 * The checkpoint that is meant: a file, or the newest of a folder; null if there is none.
 *
 * @throws {CheckpointError} the path is of a file that is not there, or cannot be read
 */
export async function checkpointAt(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return path;
  if (found === null && path.endsWith(EXTENSION))
    throw new CheckpointError(
      `there is no file ${path}; pass the folder to load the newest checkpoint in it`,
    );
  try {
    return (await checkpointsIn(path)).at(-1) ?? null;
  } catch (cause) {
    throw new CheckpointError(
      `cannot look for checkpoints in ${path}: ${(cause as Error).message}; pass a folder that can be read, or a checkpoint`,
      { cause },
    );
  }
}

/** The one that was saved before, of the same folder. */
export async function checkpointBefore(path: string): Promise<string | null> {
  const all = await checkpointsIn(dirname(path));
  return all[all.indexOf(join(path)) - 1] ?? null;
}

/**
 * Adds a checkpoint to a folder, and removes all but the last `keep`. Whoever looks at the folder, and whenever a machine
 * stops, finds whole checkpoints only: the file gets its name when all of it is on the disk.
 *
 * @returns its path
 */
export async function addCheckpoint(
  folder: string,
  content: readonly Uint8Array[],
  keep: number,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const last = (await checkpointsIn(folder)).at(-1);
  const number = last === undefined ? 1 : numberOf(last) + 1;
  const temporary = join(folder, `.checkpoint-${number}.${process.pid}.tmp`);
  const path = join(folder, nameOf(number));
  try {
    const file = await open(temporary, "w");
    try {
      for (const part of content) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
  const all = await checkpointsIn(folder);
  for (const old of all.slice(0, -keep)) await rm(old, { force: true });
  await removeStale(folder);
  return path;
}

const numberOf = (path: string): number =>
  Number(/(\d+)\.safetensors$/.exec(path)![1]);

/** The new name, too, is to survive. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What writers left that were killed. */
async function removeStale(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(folder, name), { force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
