import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
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

/** The same, by a thread that waits for the disk itself. */
export async function* readPiecesHere(
  path: string,
  start: number,
  end: number,
  memoryFor: (bytes: number) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  const file = openSync(path, "r");
  try {
    for (let position = start; position < end;) {
      const length = Math.min(PIECE_BYTES, end - position);
      const memory = memoryFor(length);
      const bytesRead = readSync(file, memory, { position, length });
      if (bytesRead === 0) return;
      position += bytesRead;
      yield memory.subarray(0, bytesRead);
      // What was sent to this thread meanwhile is heard.
      await setImmediate();
    }
  } finally {
    closeSync(file);
  }
}
