import { existsSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "@tsmpi/protocol";
import type { PublicDataset, PublicFile } from "./dataset";
import { download, sha256Of } from "./download";
import { unpack } from "./unpack";

export interface FetchOptions {
  readonly folder: string;
  /** Where the files are, instead of where the dataset says; with a slash at the end. */
  readonly url?: string;
  readonly signal: AbortSignal;
  /** Bytes that are there, of all that are to be. */
  readonly onBytes: (done: number, total: number) => void;
}

/**
 * Fetches what is missing of a dataset.
 *
 * @returns which files were fetched; the others were there, and right
 * @throws {DataError} a file cannot be had, or is another one than it should be
 */
export async function fetchDataset(
  { files, url: home }: PublicDataset,
  { folder, url = home, signal, onBytes }: FetchOptions,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const fetched: string[] = [];
  let done = 0;
  for (const file of files) {
    const { name, bytes, sha256, unpacks } = file;
    const path = join(folder, name);
    if (existsSync(path)) await assertRight(path, file);
    else {
      const from = new URL(name, url).href;
      await download({
        ...{ url: from, path, bytes, sha256, signal },
        onBytes: (ofFile) => onBytes(done + ofFile, total),
      });
      fetched.push(name);
    }
    if (unpacks !== undefined) await unpack(folder, name, unpacks);
    onBytes((done += bytes), total);
  }
  return fetched;
}

async function assertRight(
  path: string,
  { bytes, sha256 }: PublicFile,
): Promise<void> {
  const { size } = await stat(path);
  const found = size === bytes ? await sha256Of(path) : null;
  if (found === sha256) return;
  throw new DataError(
    `${path} is there, and is another file than it should be: it has ${found === null ? `${size} bytes, not ${bytes}` : `the sha256 ${found}, not ${sha256}`}; remove it, and fetch again`,
  );
}
