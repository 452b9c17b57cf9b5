import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { type Writable, pipeline } from "node:stream";
import { DataError } from "@tsmpi/protocol";
import { compressionOf } from "./compression";
import { PIECE_BYTES } from "./piece-bytes";
import { unfinishedName } from "./unfinished-name";

/** Bytes on their way into a file, which has its name only when all of them are there and on the disk. */
export interface ByteSink {
  readonly path: string;
  /**
   * Resolves when more may be written. The bytes have been copied, or written, by then; until then they must not change.
   *
   * @throws {DataError} the disk is full, say; what had been written is gone then
   */
  write(bytes: Uint8Array): Promise<void>;
  /** All is written: the file gets its name. @throws {DataError} as `write` */
  publish(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** A file compressed as its name says. What goes wrong with opening it is thrown by the first `write` or by `publish`. */
export function openSink(path: string): ByteSink {
  // Where others are making the same file, the last one to publish wins.
  const unfinished = unfinishedName(path);
  const output = openOutput(path, unfinished);
  // Writes of a few bytes are gathered.
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;

  const discard = async (): Promise<void> => {
    await output.destroy();
    await rm(unfinished, { force: true });
  };
  const failing = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (cause) {
      await discard();
      throw new DataError(
        `${path} cannot be written: ${(cause as Error).message}; nothing of it is left behind`,
        { cause },
      );
    }
  };
  const flush = (): Promise<void> => {
    if (filled === 0) return Promise.resolve();
    const full = piece.subarray(0, filled);
    [piece, filled] = [Buffer.allocUnsafe(PIECE_BYTES), 0];
    return failing(() => output.write(full));
  };
  return {
    path,
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        const part = bytes.subarray(at, at + PIECE_BYTES - filled);
        piece.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === PIECE_BYTES) await flush();
      }
    },
    async publish() {
      await flush();
      await failing(async () => {
        await output.end();
        await rename(unfinished, path);
      });
    },
    discard,
  };
}

interface Output {
  write(piece: Uint8Array): Promise<void>;
  /** All is on the disk. */
  end(): Promise<void>;
  destroy(): Promise<void>;
}

function openOutput(path: string, unfinished: string): Output {
  // `flush`: the file's bytes are on the disk before it is closed.
  const file = createWriteStream(unfinished, { flags: "wx", flush: true });
  let failure: Error | null = null;
  const entrance: Promise<Writable> = (async () => {
    const compressor = await compressionOf(path)?.compressor();
    if (!compressor) return file;
    // What goes wrong is seen at the file, which ends with the compressor.
    pipeline(compressor, file, (error) => (failure ??= error ?? null));
    return compressor;
  })();
  entrance.catch(() => undefined);
  const closed = new Promise<void>((resolve) => file.once("close", resolve));
  file.on("error", (error) => (failure ??= error));
  const check = (): void => {
    if (failure) throw failure;
  };
  return {
    async write(piece) {
      check();
      const stream = await entrance;
      if (!stream.write(piece))
        await Promise.race([
          once(stream, "drain").catch((error: Error) => (failure ??= error)),
          closed,
        ]);
      check();
    },
    async end() {
      check();
      (await entrance).end();
      await closed;
      check();
    },
    async destroy() {
      file.destroy();
      (await entrance.catch(() => file)).destroy();
      await closed;
    },
  };
}
