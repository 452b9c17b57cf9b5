import type { MessagePort } from "node:worker_threads";
import type { HostMessage, LocalDelivery } from "@tsmpi/coordinator";
import { errorFromWire } from "@tsmpi/protocol";
import type { Piece, PieceStream } from "./piece-stream";
import { TakenFrames } from "./taken-frames";

type Arrived = Piece | Error | null;

/**
 * Streams to rank 0, in whose process the coordinator runs: what the thread that reads files has packed is read where it lies, without
 * a socket and without a copy.
 */
export class HostedStreams {
  readonly #port: MessagePort;
  readonly #streams = new Map<string, HostedStream>();
  /** Streams of which a piece is waited for: the process must stay alive. */
  #waiting = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", ({ message, payload }: LocalDelivery) => {
      const stream = this.#streams.get(message.stream);
      if (message.type === "stream-piece") stream?.put(payload!, message.more);
      else stream?.end(message.error && errorFromWire(message.error));
    });
    port.unref();
  }

  open(stream: string): PieceStream {
    const opened = new HostedStream({
      send: (message) =>
        this.#port.postMessage({ type: "say", message } satisfies HostMessage),
      waits: (isWaiting) => {
        this.#waiting += isWaiting ? 1 : -1;
        if (this.#waiting > 0) this.#port.ref();
        else this.#port.unref();
      },
      stream,
      onEnd: () => this.#streams.delete(stream),
    });
    this.#streams.set(stream, opened);
    return opened;
  }
}

interface HostedStreamOptions {
  readonly stream: string;
  readonly send: (
    message: Extract<HostMessage, { readonly type: "say" }>["message"],
  ) => void;
  readonly waits: (isWaiting: boolean) => void;
  readonly onEnd: () => void;
}

class HostedStream implements PieceStream {
  readonly #options: HostedStreamOptions;
  readonly #arrived: Arrived[] = [];
  /** The beginning of a piece of several frames. */
  #frames: Uint8Array[] = [];
  readonly #taken = new TakenFrames();
  #wake: (() => void) | null = null;

  constructor(options: HostedStreamOptions) {
    this.#options = options;
  }

  put(frame: Uint8Array, more: boolean): void {
    this.#frames.push(frame);
    // A piece may have more frames than may be under way.
    if (more) return this.#take(frame.length, false);
    const frames = this.#frames;
    this.#frames = [];
    const bytes = frames.length === 1 ? frame : Buffer.concat(frames);
    const release = () => this.#take(frame.length, this.#arrived.length > 0);
    this.#add({ bytes, release });
  }

  #take(bytes: number, hasMore: boolean): void {
    const { send, stream } = this.#options;
    const pieces = this.#taken.add(bytes, hasMore);
    if (pieces > 0) send({ type: "stream-taken", stream, pieces });
  }

  end(error: Error | null): void {
    this.#add(error);
    this.#options.onEnd();
  }

  async next(): Promise<Piece | null> {
    const { waits } = this.#options;
    waits(true);
    while (this.#arrived.length === 0)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    waits(false);
    const next = this.#arrived.shift()!;
    // The end stays.
    if (next === null || next instanceof Error) this.#arrived.unshift(next);
    if (next instanceof Error) throw next;
    return next;
  }

  async stop(): Promise<void> {
    const { send, stream } = this.#options;
    send({ type: "stream-stop", stream });
    this.end(null);
    return Promise.resolve();
  }

  #add(arrived: Arrived): void {
    this.#arrived.push(arrived);
    this.#wake?.();
    this.#wake = null;
  }
}
