import { open, stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { createReadStream } from "node:fs";
import { DataError } from "@tsmpi/protocol";

/** Read, and handed on, at a time: enough for a disk and a socket, little enough for many ranks in one memory. */
export const PIECE_BYTES = 1 << 20;

/** The bytes of one file, uncompressed. */
export interface ByteSource {
  readonly path: string;
  /** Of the file as it lies on disk. */
  readonly bytes: number;
  /** False: it is compressed, and can only be read from its beginning. */
  readonly isSeekable: boolean;
  /** All bytes from `offset` on, in pieces of any length, which are the reader's to keep. */
  read(offset?: number): AsyncIterable<Uint8Array>;
  /** @throws {DataError} the file is shorter, or not seekable */
  readAt(offset: number, bytes: number): Promise<Uint8Array>;
}

/** @throws {DataError} there is no such file, or it cannot be read */
export async function openSource(path: string): Promise<ByteSource> {
  const { size } = await stat(path).catch(fail(path));
  const isCompressed = path.endsWith(".gz");
  return {
    ...{ path, bytes: size, isSeekable: !isCompressed },
    read: (offset = 0) => readFrom(path, offset, isCompressed),
    readAt: (offset, bytes) => readAt(path, offset, bytes),
  };
}

async function* readFrom(
  path: string,
  offset: number,
  isCompressed: boolean,
): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, {
    start: isCompressed ? 0 : offset,
    highWaterMark: PIECE_BYTES,
  });
  if (!isCompressed) {
    yield* file as AsyncIterable<Uint8Array>;
    return;
  }
  let skip = offset;
  const plain = file.pipe(createGunzip({ chunkSize: PIECE_BYTES }));
  file.on("error", (error) => plain.destroy(error));
  for await (const piece of plain as AsyncIterable<Uint8Array>) {
    if (piece.length > skip) yield piece.subarray(skip);
    skip = Math.max(0, skip - piece.length);
  }
}

async function readAt(
  path: string,
  offset: number,
  bytes: number,
): Promise<Uint8Array> {
  const file = await open(path).catch(fail(path));
  try {
    const { buffer, bytesRead } = await file.read({
      buffer: new Uint8Array(bytes),
      position: offset,
    });
    if (bytesRead === bytes) return buffer;
    throw new DataError(
      `${path} ends at byte ${offset + bytesRead}; bytes ${offset} to ${offset + bytes} were to be read`,
    );
  } finally {
    await file.close();
  }
}

const fail =
  (path: string) =>
  (cause: Error): never => {
    throw new DataError(`${path} cannot be read: ${cause.message}`, { cause });
  };
