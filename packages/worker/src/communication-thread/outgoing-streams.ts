import type { RankMessage } from "@tsmpi/protocol";
import { type Deferred, defer } from "./deferred";

/** Bytes of a program travel in frames of this size, each for a credit of its receiver. */
const FRAME_BYTES = 1 << 20;
/** Of them, under way to a rank. */
const WINDOW_FRAMES = 4;

/** Streams of which this rank is the root, out of memory of its program. */
export class OutgoingStreams {
  readonly #send: (message: RankMessage, payload?: Uint8Array) => Promise<void>;
  readonly #credits = new Map<string, Credits>();
  #failure: Error | null = null;

  constructor(
    send: (message: RankMessage, payload?: Uint8Array) => Promise<void>,
  ) {
    this.#send = send;
  }

  /**
   * Resolves when all ranks have taken theirs.
   *
   * @param blobs for each rank the parts of its bytes; one that is null gets no stream
   */
  async scatter(
    stream: string,
    blobs: readonly (readonly Uint8Array[] | null)[],
  ): Promise<void> {
    if (this.#failure) throw this.#failure;
    const dests = [...blobs.keys()].filter((dest) => blobs[dest] !== null);
    for (const dest of dests)
      this.#credits.set(keyOf(stream, dest), new Credits());
    await this.#send({
      ...{ type: "stream-open", stream, dests },
      window: WINDOW_FRAMES,
    });
    await Promise.all(
      dests.map((dest) => this.#write(stream, dest, blobs[dest]!)),
    );
  }

  credit(stream: string, dest: number, frames: number): void {
    // The last credits come back when nobody needs them any more.
    this.#credits.get(keyOf(stream, dest))?.add(frames);
  }

  /** The receiver wants no more of it. */
  stop(stream: string, dest: number): void {
    this.#credits.get(keyOf(stream, dest))?.stop();
  }

  fail(error: Error): void {
    this.#failure = error;
    for (const credits of this.#credits.values()) credits.fail(error);
    this.#credits.clear();
  }

  async #write(
    stream: string,
    dest: number,
    parts: readonly Uint8Array[],
  ): Promise<void> {
    const credits = this.#credits.get(keyOf(stream, dest))!;
    for (const part of parts)
      for (let at = 0; at < part.byteLength; at += FRAME_BYTES) {
        if (!(await credits.take())) break;
        // `slice` copies: the socket keeps the frame after the user has the array back.
        await this.#send(
          { type: "stream-piece", stream, dest, more: false },
          Buffer.from(part.slice(at, at + FRAME_BYTES)),
        );
      }
    this.#credits.delete(keyOf(stream, dest));
    await this.#send({ type: "stream-end", stream, dest, error: null });
  }
}

const keyOf = (stream: string, dest: number): string => `${stream} ${dest}`;

/** How many frames one receiver still has room for. */
class Credits {
  #available = 0;
  #isStopped = false;
  #waiting: Deferred<void> | null = null;
  #failure: Error | null = null;

  add(frames: number): void {
    this.#available += frames;
    this.#wake();
  }

  /** @returns false: the receiver wants no more */
  async take(): Promise<boolean> {
    while (this.#available === 0 && !this.#isStopped) {
      if (this.#failure) throw this.#failure;
      this.#waiting ??= defer<void>();
      await this.#waiting.promise;
    }
    this.#available--;
    return !this.#isStopped;
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = null;
  }
}
