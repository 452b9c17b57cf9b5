import {
  type CoordinatorMessage,
  errorFromWire,
  type RankMessage,
} from "@tsmpi/protocol";
import { type Deferred, defer } from "./deferred";

/** Bytes of a program travel in frames of this size, each for a credit of its receiver. */
const FRAME_BYTES = 1 << 20;
/** Of them, under way to a rank. */
const WINDOW_FRAMES = 4;

type Send = (message: RankMessage, payload?: Uint8Array) => Promise<void>;

type StreamMessage = Extract<CoordinatorMessage, { readonly stream: string }>;

/** Both ends of the coordinator's streams: a root that streams memory of its program, and ranks that take what comes. */
export class Streams {
  readonly #send: Send;
  readonly #outgoing = new Map<string, Credits>();
  readonly #incoming = new Map<string, Incoming>();
  #failure: Error | null = null;

  constructor(send: Send) {
    this.#send = send;
  }

  /** @param blobs for each rank the parts of its bytes; one that is null gets no stream. Resolves when all have taken theirs */
  async scatter(
    stream: string,
    blobs: readonly (readonly Uint8Array[] | null)[],
  ): Promise<void> {
    const dests = [...blobs.keys()].filter((dest) => blobs[dest] !== null);
    for (const dest of dests) this.#open(stream, dest);
    await this.#send({
      ...{ type: "stream-open", stream, dests },
      window: WINDOW_FRAMES,
    });
    await Promise.all(
      dests.map((dest) => this.#write(stream, dest, blobs[dest]!)),
    );
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

  /** A whole stream, of as many bytes as there are in `into`. */
  async receiveInto(stream: string, into: Uint8Array): Promise<void> {
    for (let at = 0; ;) {
      const frame = await this.#take(stream);
      if (frame === null) return;
      into.set(frame.bytes, at);
      at += frame.bytes.length;
    }
  }

  /** Nothing more of it is wanted. */
  async stop(stream: string): Promise<void> {
    const incoming = this.#incoming.get(stream);
    if (incoming?.isOver) return;
    incoming?.end(null);
    this.#incoming.set(stream, new Incoming(true));
    if (this.#failure === null)
      await this.#send({ type: "stream-stop", stream });
  }

  accept(message: StreamMessage, payload: Uint8Array | null): void {
    const { stream } = message;
    switch (message.type) {
      case "stream-piece":
        return this.#of(stream).put({ bytes: payload!, more: message.more });
      case "stream-end":
        return this.#of(stream).end(
          message.error && errorFromWire(message.error),
        );
      case "stream-credit":
        // The last credits come back when nobody needs them any more.
        return this.#outgoing
          .get(`${stream} ${message.dest}`)
          ?.add(message.pieces);
      case "stream-stopped":
        return this.#outgoing.get(`${stream} ${message.dest}`)?.stop();
    }
  }

  /** A rank is lost: no stream can be completed. */
  fail(error: Error): void {
    this.#failure = error;
    for (const credits of this.#outgoing.values()) credits.fail(error);
    for (const incoming of this.#incoming.values()) incoming.end(error);
  }

  #of(stream: string): Incoming {
    let incoming = this.#incoming.get(stream);
    if (incoming === undefined)
      this.#incoming.set(stream, (incoming = new Incoming()));
    return incoming;
  }

  async #take(stream: string): Promise<Frame | null> {
    if (this.#failure) throw this.#failure;
    const incoming = this.#of(stream);
    const frame = await incoming.take();
    if (frame === null) this.#incoming.delete(stream);
    const pieces = incoming.due();
    if (pieces > 0) await this.#send({ type: "stream-taken", stream, pieces });
    return frame;
  }

  #open(stream: string, dest: number): void {
    const credits = new Credits();
    if (this.#failure) credits.fail(this.#failure);
    this.#outgoing.set(`${stream} ${dest}`, credits);
  }

  async #write(
    stream: string,
    dest: number,
    parts: readonly Uint8Array[],
  ): Promise<void> {
    const credits = this.#outgoing.get(`${stream} ${dest}`)!;
    for (const part of parts)
      for (let at = 0; at < part.byteLength; at += FRAME_BYTES) {
        if (!(await credits.take())) break;
        // `slice` copies: the socket keeps the frame after the user has the array back.
        await this.#send(
          { type: "stream-piece", stream, dest, more: false },
          Buffer.from(part.slice(at, at + FRAME_BYTES)),
        );
      }
    this.#outgoing.delete(`${stream} ${dest}`);
    await this.#send({ type: "stream-end", stream, dest, error: null });
  }
}

/** Less than a window has. */
const TELL_BYTES = 1 << 19;

interface Frame {
  readonly bytes: Uint8Array;
  readonly more: boolean;
}

/** What has come of a stream, or is waited for. */
class Incoming {
  readonly #frames: Frame[] = [];
  readonly #isStopped: boolean;
  #isOver = false;
  #error: Error | null = null;
  #waiting: Deferred<void> | null = null;
  #untold = { frames: 0, bytes: 0 };

  constructor(isStopped = false) {
    this.#isStopped = isStopped;
    this.#isOver = isStopped;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  put(frame: Frame): void {
    if (this.#isStopped) return;
    this.#frames.push(frame);
    this.#wake();
  }

  end(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#wake();
  }

  /** Frames that have been taken and that the root is to be told of: of small ones, several at a time. */
  due(): number {
    const { frames, bytes } = this.#untold;
    if (this.#frames.length > 0 && bytes < TELL_BYTES) return 0;
    this.#untold = { frames: 0, bytes: 0 };
    return this.#isOver ? 0 : frames;
  }

  /** @returns null at the end */
  async take(): Promise<Frame | null> {
    while (this.#frames.length === 0 && !this.#isOver) {
      this.#waiting ??= defer<void>();
      await this.#waiting.promise;
    }
    if (this.#error) throw this.#error;
    const frame = this.#frames.shift() ?? null;
    this.#untold.frames++;
    this.#untold.bytes += frame?.bytes.length ?? 0;
    return frame;
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
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}

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
    this.#waiting?.reject(error);
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = null;
  }
}
