import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { DataError } from "@tsmpi/protocol";

/** Bytes on their way into a file, which has its name only when all of them are there. */
export interface ByteSink {
  readonly path: string;
  /** Resolves when more may be written. The bytes must not change from then on. @throws {DataError} the disk is full, say */
  write(bytes: Uint8Array): Promise<void>;
  /** All is written: the file gets its name. */
  publish(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

export function openSink(path: string): ByteSink {
  const unfinished = `${path}.unfinished-${process.pid}`;
  const file = createWriteStream(unfinished);
  let failure: Error | null = null;
  file.on("error", (error) => (failure ??= error));
  const check = (): void => {
    if (failure)
      throw new DataError(`${path} cannot be written: ${failure.message}`, {
        cause: failure,
      });
  };
  return {
    path,
    async write(bytes) {
      check();
      if (!file.write(bytes) && !failure)
        await once(file, "drain").catch(() => undefined);
      check();
    },
    async publish() {
      file.end();
      await finished(file).catch(() => undefined);
      check();
      await rename(unfinished, path);
    },
    async discard() {
      file.destroy();
      await finished(file).catch(() => undefined);
      await rm(unfinished, { force: true });
    },
  };
}
