import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { DataError } from "@tsmpi/protocol";
import { type Compression, compressionOf } from "./compression";
import { PIECE_BYTES } from "./piece-bytes";
import type { ReadMemory } from "./read-memory";

export { PIECE_BYTES };

/** The bytes of one file, uncompressed. */
export interface ByteSource {
  readonly path: string;
  /** Of the file as it lies on disk. */
  readonly bytes: number;
  /** False: it is compressed, and can only be read from its beginning. */
  readonly isSeekable: boolean;
  /** All bytes from `offset` on, in pieces of any length, which are the reader's to keep, or to give back. */
  read(offset?: number): AsyncIterable<Uint8Array>;
  /** A piece that nobody reads any more: the next one may take its place. Not there: nothing is won by it. */
  giveBack?(piece: Uint8Array): void;
  /** @throws {DataError} the file is shorter, or not seekable */
  readAt(offset: number, bytes: number): Promise<Uint8Array>;
}

/**
 * A file, or a folder whose files are records: of that there is a path, and no bytes.
 *
 * @param memory to read into, of a reader that does not keep what it is given, and whose thread may wait for the disk
 * @throws {DataError} there is no such file, or it cannot be read
 */
export async function openSource(
  path: string,
  memory: ReadMemory | null = null,
): Promise<ByteSource> {
  const found = await stat(path).catch(fail(path));
  // How many bytes a folder has depends on the disk, and none would mean that nothing is in it.
  const size = found.isDirectory() ? 1 : found.size;
  const compression = compressionOf(path);
  const isLent = compression === null && memory !== null;
  return {
    ...{ path, bytes: size, isSeekable: compression === null },
    read: (offset = 0) =>
      compression !== null
        ? readThrough(compression, path, size, offset)
        : isLent
          ? readInto(memory, path, offset)
          : readFrom(path, offset),
    ...(isLent && { giveBack: (piece) => memory.giveBack(piece) }),
    readAt: (offset, bytes) =>
      compression === null
        ? readAt(path, offset, bytes)
        : Promise.reject(notSeekable(path)),
  };
}

async function* readFrom(
  path: string,
  start: number,
): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(path, {
      start,
      highWaterMark: PIECE_BYTES,
    }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    fail(path)(cause as Error);
  }
}

/** Its thread waits for the disk: handing a piece over between threads takes longer than reading it from the page cache. */
async function* readInto(
  memory: ReadMemory,
  path: string,
  start: number,
): AsyncIterable<Uint8Array> {
  const file = attempt(path, () => openSync(path, "r"));
  try {
    for (let position = start; ;) {
      const piece = memory.take();
      const bytes = attempt(path, () =>
        readSync(file, piece, { position, length: piece.length }),
      );
      if (bytes === 0) return memory.giveBack(piece);
      position += bytes;
      yield piece.subarray(0, bytes);
      // What was sent to this thread meanwhile is heard.
      await setImmediate();
    }
  } finally {
    closeSync(file);
  }
}

async function* readThrough(
  compression: Compression,
  path: string,
  size: number,
  offset: number,
): AsyncIterable<Uint8Array> {
  let [taken, given] = [0, 0];
  async function* compressed() {
    for await (const piece of readFrom(path, 0)) {
      taken += piece.length;
      yield piece;
    }
  }
  const plain = compression.decompress(compressed())[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await plain.next().catch((cause: Error): never => {
        if (cause instanceof DataError) throw cause;
        throw new DataError(
          `${path} is cut short or damaged: ${cause.message}; found within the first ${taken} of its ${size} bytes, after ${given} bytes of content; make or fetch it again`,
          { cause },
        );
      });
      if (next.done) return;
      const { value } = next;
      const skipped = Math.min(Math.max(offset - given, 0), value.length);
      given += value.length;
      if (skipped < value.length) yield value.subarray(skipped);
    }
  } finally {
    await plain.return?.();
  }
}

async function readAt(
  path: string,
  offset: number,
  bytes: number,
): Promise<Uint8Array> {
  const file = await open(path).catch(fail(path));
  const tooShort = (end: number): DataError =>
    new DataError(
      `${path} ends at byte ${end}; bytes ${offset} to ${offset + bytes} were to be read`,
    );
  try {
    // A file that is damaged may ask for any number of its bytes.
    const { size } = await file.stat().catch(fail(path));
    if (offset + bytes > size) throw tooShort(size);
    const { buffer, bytesRead } = await file
      .read({ buffer: new Uint8Array(bytes), position: offset })
      .catch(fail(path));
    if (bytesRead === bytes) return buffer;
    throw tooShort(offset + bytesRead);
  } finally {
    await file.close();
  }
}

const notSeekable = (path: string): DataError =>
  new DataError(
    `${path} is compressed and can only be read from its beginning, which this format does not do; unpack it first`,
  );

const fail =
  (path: string) =>
  (cause: Error): never => {
    throw new DataError(`${path} cannot be read: ${cause.message}`, { cause });
  };

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    return fail(path)(cause as Error);
  }
}
