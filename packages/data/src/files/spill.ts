import { open, unlink, type FileHandle } from "node:fs/promises";
import { DataError } from "@tsmpi/protocol";
import { PIECE_BYTES } from "./piece-bytes";
import { unfinishedName } from "./unfinished-name";

/**
 * Bytes that can be written to a file only when all of them are known: how many rows an array has stands in front of them. They
 * wait in a file of their own beside it, which has no name, and so is gone when it is closed.
 */
export class Spill {
  readonly #path: string;
  #file: FileHandle | null = null;
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  #written = 0;

  /** @param path of the file that is to be: these wait beside it */
  constructor(path: string) {
    this.#path = path;
  }

  get bytes(): number {
    return this.#written + this.#waiting;
  }

  /** The bytes must not change from then on. @throws {DataError} the disk is full, say */
  async write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes);
    this.#waiting += bytes.length;
    if (this.#waiting >= PIECE_BYTES) await this.#flush();
  }

  /** All of it, in pieces. */
  async *read(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < this.#written;) {
      const { buffer, bytesRead } = await this.#file!.read({
        buffer: new Uint8Array(Math.min(PIECE_BYTES, this.#written - at)),
        position: at,
      }).catch((cause: Error) => {
        throw this.#failed(cause);
      });
      if (bytesRead === 0)
        throw this.#failed(new Error("what waited beside it is shorter now"));
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
    yield* this.#pieces;
  }

  async close(): Promise<void> {
    this.#pieces = [];
    await this.#file?.close();
    this.#file = null;
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pieces);
    [this.#pieces, this.#waiting] = [[], 0];
    try {
      if (this.#file === null) {
        const beside = unfinishedName(this.#path);
        this.#file = await open(beside, "wx+");
        await unlink(beside);
      }
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await this.#file.write(bytes, at);
        at += bytesWritten;
      }
    } catch (cause) {
      throw this.#failed(cause as Error);
    }
    this.#written += bytes.length;
  }

  #failed(cause: Error): DataError {
    return new DataError(`${this.#path} cannot be written: ${cause.message}`, {
      cause,
    });
  }
}
