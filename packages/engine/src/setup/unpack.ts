import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar";
import * as yauzl from "yauzl";
import { SetupError } from "@tsmpi/protocol";
import type { Progress } from "./progress";

/** Its promises, which its types do not know yet. */
const { openPromise } = yauzl as unknown as {
  readonly openPromise: (path: string) => Promise<{
    eachEntry(): AsyncIterable<yauzl.Entry>;
    openReadStreamPromise(entry: yauzl.Entry): Promise<Readable>;
    close(): void;
  }>;
};

export interface UnpackOptions {
  readonly into: string;
  readonly progress: Progress;
  /** By the name inside the archive. */
  readonly wants: (name: string) => boolean;
}

/**
 * Unpacks the wanted files of a zip archive.
 *
 * @returns their names
 * @throws {SetupError} it is no zip archive, or damaged
 */
export async function unpackZip(
  path: string,
  { into, progress, wants }: UnpackOptions,
): Promise<string[]> {
  const names: string[] = [];
  let done = 0;
  try {
    const zip = await openPromise(path);
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/") || !wants(entry.fileName)) continue;
      const target = join(into, entry.fileName);
      await mkdir(dirname(target), { recursive: true });
      const counter = new Transform({
        transform(chunk: Buffer, _encoding, callback) {
          progress.bytes((done += chunk.length));
          callback(null, chunk);
        },
      });
      await pipeline(
        await zip.openReadStreamPromise(entry),
        counter,
        createWriteStream(target),
      );
      names.push(entry.fileName);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Disk full and the like are not the archive's fault.
    if (code !== undefined && code !== "Z_DATA_ERROR") throw error;
    throw new SetupError(
      `${basename(path)} is no complete wheel (${message}); download it again`,
      { cause: error },
    );
  }
  return names;
}

/** Unpacks the wanted files of an npm tarball, without its leading folder. */
export async function unpackTarball(
  path: string,
  { into, wants }: Omit<UnpackOptions, "progress">,
): Promise<void> {
  await mkdir(into, { recursive: true });
  await extract({
    file: path,
    cwd: into,
    strip: 1,
    filter: (name) => wants(name.replace(/^[^/]+\//, "")),
  });
}
