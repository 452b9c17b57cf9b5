import { open } from "node:fs/promises";
import { PIECE_BYTES } from "./piece-bytes";

/**
 * Bytes of a file, in pieces of which the next one is being read while one is looked at.
 *
 * @param end exclusive; the file may end earlier
 * @param memoryFor gives memory for a piece of so many bytes at least
 */
export async function* readPieces(
  path: string,
  start: number,
  end: number,
  memoryFor: (bytes: number) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  let reading = null;
  try {
    let at = start;
    const read = () => {
      const length = Math.min(PIECE_BYTES, end - at);
      if (length <= 0) return null;
      const ahead = file.read(memoryFor(length), 0, length, at);
      // Who leaves early does not hear of it.
      ahead.catch(() => undefined);
      return ahead;
    };
    for (reading = read(); reading !== null;) {
      const { buffer, bytesRead } = await reading;
      if (bytesRead === 0) return;
      at += bytesRead;
      reading = read();
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await reading?.catch(() => undefined);
    await file.close();
  }
}

/** A piece is the reader's to keep. */
export const newMemory = (bytes: number): Uint8Array =>
  plain(Buffer.allocUnsafeSlow(bytes));

/** A piece is the reader's until it asks for the next one. */
export function memoryInTurns(): (bytes: number) => Uint8Array {
  const memories: Uint8Array[] = [];
  return (bytes) => {
    const own = memories.length < 2 ? null : memories.shift()!;
    const memory = own && own.length >= bytes ? own : newMemory(bytes);
    memories.push(memory);
    return memory;
  };
}

/** Parts of a Buffer are Buffers, which takes longer. */
const plain = ({ buffer, byteOffset, length }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);
