import { open, stat } from "node:fs/promises";
import { DataError } from "@tsmpi/protocol";
import { type Compression, compressionOf } from "./compression";
import { PIECE_BYTES } from "./piece-bytes";
import { uncleared, type ReadMemory } from "./read-memory";
import { readPieces, readPiecesHere } from "./read-pieces";

export { PIECE_BYTES };

/** The bytes of one file, uncompressed. */
export interface ByteSource {
  readonly path: string;
  /** Of the file as it lies on disk. */
  readonly bytes: number;
  /** False: it is compressed, and can only be read from its beginning. */
  readonly isSeekable: boolean;
  /** All bytes from `offset` on, in pieces of any length, which are the reader's to keep. */
  read(offset?: number): AsyncIterable<Uint8Array>;
  /**
   * As `read`, in memory that is used again: a piece is the reader's until it asks for the next one. New memory for each costs a
   * rank that reads fast a quarter of its time, with the garbage collector's. Where it is missing, `read` is what there is.
   */
  lend?(offset?: number): AsyncIterable<Uint8Array>;
  /** @throws {DataError} the file is shorter, or not seekable */
  readAt(offset: number, bytes: number): Promise<Uint8Array>;
}

/**
 * A file, or a folder whose files are records: of that there is a path, and no bytes.
 *
 * @param memory to read into, of whoever is done with records when it asks for the next ones
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
  return {
    ...{ path, bytes: size, isSeekable: compression === null },
    read: (offset = 0) =>
      compression === null
        ? readFrom(path, offset, size)
        : readThrough(compression, path, size, offset),
    readAt: (offset, bytes) =>
      compression === null
        ? readAt(path, offset, bytes)
        : Promise.reject(notSeekable(path)),
    ...(memory !== null &&
      compression === null && {
        lend: (offset = 0) => readFrom(path, offset, size, memory),
      }),
  };
}

async function* readFrom(
  path: string,
  start: number,
  end: number,
  memory: ReadMemory | null = null,
): AsyncIterable<Uint8Array> {
  const memoryFor = (bytes: number) => memory?.take(bytes) ?? uncleared(bytes);
  const read = memory?.waits ? readPiecesHere : readPieces;
  try {
    yield* read(path, start, end, memoryFor);
  } catch (cause) {
    fail(path)(cause as Error);
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
    for await (const piece of readFrom(path, 0, size)) {
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
