import { copyBytes, CountError, type RankMessage } from "@tsmpi/protocol";
import { TakenFrames } from "../taken-frames";
import { type Deferred, defer } from "./deferred";

interface Frame {
  readonly bytes: Uint8Array;
  /** Those that follow belong to the same piece. */
  readonly more: boolean;
}

/** Streams that this rank takes. What has come of one waits here, up to its window. */
export class IncomingStreams {
  readonly #send: (message: RankMessage) => Promise<void>;
  readonly #streams = new Map<string, Incoming>();
  #failure: Error | null = null;

  constructor(send: (message: RankMessage) => Promise<void>) {
    this.#send = send;
  }

  /** Streams that are not over, or that have bytes here. */
  get count(): number {
    return this.#streams.size;
  }

  /** The next piece, in `into` if there is room for it; null at the end. */
  async receive(stream: string, into: Uint8Array): Promise<Uint8Array | null> {
    const frames: Uint8Array[] = [];
    for (;;) {
      const frame = await this.#take(stream);
      if (frame === null) return null;
      frames.push(frame.bytes);
      if (!frame.more) return together(frames, into);
    }
  }

  /** A whole stream. @throws {CountError} it has fewer or more bytes than `into` */
  async receiveInto(stream: string, into: Uint8Array): Promise<void> {
    const { length } = into;
    let at = 0;
    for (let frame; (frame = await this.#take(stream)) !== null;) {
      if (at + frame.bytes.length > length) {
        await this.stop(stream);
        throw new CountError(
          `"${stream}" has more than the ${length} bytes that were expected`,
        );
      }
      copyBytes(into, frame.bytes, at);
      at += frame.bytes.length;
    }
    if (at < length)
      throw new CountError(
        `"${stream}" ended after ${at} bytes; ${length} were expected`,
      );
  }

  /** Nothing more of it is wanted; what is on its way is dropped. */
  async stop(stream: string): Promise<void> {
    if (this.#failure !== null) return;
    const incoming = this.#of(stream);
    const { isOver, isStopped } = incoming;
    incoming.stop();
    if (!isOver) await this.#send({ type: "stream-stop", stream });
    else if (!isStopped) this.#streams.delete(stream);
  }

  put(stream: string, frame: Frame): void {
    if (this.#failure === null) this.#of(stream).put(frame);
  }

  end(stream: string, error: Error | null): void {
    if (this.#failure === null) this.#of(stream).end(error);
  }

  /** Nothing of it can be on its way any more. */
  stopped(stream: string): void {
    if (this.#streams.get(stream)?.isStopped) this.#streams.delete(stream);
  }

  fail(error: Error): void {
    this.#failure = error;
    for (const incoming of this.#streams.values()) incoming.end(error);
    this.#streams.clear();
  }

  #of(stream: string): Incoming {
    let incoming = this.#streams.get(stream);
    if (incoming === undefined)
      this.#streams.set(stream, (incoming = new Incoming()));
    return incoming;
  }

  async #take(stream: string): Promise<Frame | null> {
    if (this.#failure) throw this.#failure;
    const incoming = this.#of(stream);
    const frame = await incoming.take();
    if (incoming.isStopped) return null;
    if (frame === null) {
      this.#streams.delete(stream);
      if (incoming.error) throw incoming.error;
      return null;
    }
    const pieces = incoming.taken.add(frame.bytes.length, incoming.hasFrames);
    if (pieces > 0 && !incoming.isOver)
      await this.#send({ type: "stream-taken", stream, pieces });
    return frame;
  }
}

/** What has come of one stream. */
class Incoming {
  readonly taken = new TakenFrames();
  #frames: Frame[] = [];
  #isOver = false;
  #isStopped = false;
  #error: Error | null = null;
  #waiting: Deferred<void> | null = null;

  /** Its end has come, or it was stopped. */
  get isOver(): boolean {
    return this.#isOver;
  }
  get isStopped(): boolean {
    return this.#isStopped;
  }
  /** Why it has ended; null: in order. */
  get error(): Error | null {
    return this.#error;
  }
  get hasFrames(): boolean {
    return this.#frames.length > 0;
  }

  put(frame: Frame): void {
    if (this.#isStopped) return;
    this.#frames.push(frame);
    this.#wake();
  }

  /** @param error what is here is not wanted any more, either */
  end(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    if (error !== null) this.#frames = [];
    this.#wake();
  }

  stop(): void {
    this.end(null);
    this.#isStopped = true;
    this.#frames = [];
  }

  /** @returns null at the end */
  async take(): Promise<Frame | null> {
    while (this.#frames.length === 0 && !this.#isOver) {
      this.#waiting ??= defer<void>();
      await this.#waiting.promise;
    }
    return this.#frames.shift() ?? null;
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = null;
  }
}

function together(frames: readonly Uint8Array[], into: Uint8Array): Uint8Array {
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  const all =
    bytes <= into.length
      ? into.subarray(0, bytes)
      : new Uint8Array(new SharedArrayBuffer(bytes));
  let at = 0;
  for (const frame of frames) {
    copyBytes(all, frame, at);
    at += frame.length;
  }
  return all;
}
