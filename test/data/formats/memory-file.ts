import type { ByteSink, ByteSource } from "@tsmpi/data";
import { DataError } from "@tsmpi/protocol";

/** Pieces of a file that is read: short ones, so that records span them. */
const PIECE_BYTES = 1000;

/** Bytes as a file, to be read; `path` is for messages. */
export const sourceOf = (path: string, bytes: Uint8Array): ByteSource => ({
  ...{ path, bytes: bytes.length, isSeekable: true },
  async *read(offset = 0) {
    for (let at = offset; at < bytes.length; at += PIECE_BYTES)
      yield bytes.slice(at, Math.min(at + PIECE_BYTES, bytes.length));
  },
  readAt: async (offset, length) => {
    if (offset + length > bytes.length)
      throw new DataError(`${path} ends at byte ${bytes.length}`);
    return bytes.slice(offset, offset + length);
  },
});

/** A file to be written, and what it holds then. */
export function memorySink(path: string): ByteSink & { bytes(): Uint8Array } {
  const pieces: Uint8Array[] = [];
  return {
    path,
    write: async (bytes) => void pieces.push(bytes),
    publish: () => Promise.resolve(),
    discard: () => Promise.resolve(),
    bytes: () => new Uint8Array(Buffer.concat(pieces)),
  };
}
