import {
  assert,
  type CoordinatorMessage,
  type RankMessage,
} from "@tsmpi/protocol";
import { type Deferred, defer } from "./deferred";

/** Rows travel in chunks of this size, each for a credit of its receiver. */
const CHUNK_BYTES = 1 << 20;

type Send = (message: RankMessage, payload?: Uint8Array) => Promise<void>;

/**
 * Both ends of the coordinator's scatter service: the root streams each rank's bytes in chunks, as fast as that rank stores
 * them; a rank collects them in shared memory, where the main thread finds them.
 */
export class RowStream {
  readonly #send: Send;
  #nextScatter = 0;
  readonly #outgoing = new Map<string, Credits>();
  readonly #arrived: Promise<Uint8Array>[] = [];
  readonly #waiting: Deferred<Uint8Array>[] = [];
  readonly #incoming = new Map<number, Incoming>();
  #failure: Error | null = null;

  constructor(send: Send) {
    this.#send = send;
  }

  /** @param blobs for each rank the parts of its bytes; an entry without parts is skipped (the root's own) */
  async scatter(
    blobs: readonly (readonly Uint8Array[] | null)[],
  ): Promise<void> {
    const scatter = this.#nextScatter++;
    await Promise.all(
      blobs.flatMap((parts, dest) =>
        parts === null ? [] : [this.#stream(scatter, dest, parts)],
      ),
    );
  }

  /** The bytes of the next scatter, in the order in which the root makes them. */
  receive(): Promise<Uint8Array> {
    const arrived = this.#arrived.shift();
    if (arrived) return arrived;
    if (this.#failure) return Promise.reject(this.#failure);
    const waiting = defer<Uint8Array>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  accept(message: CoordinatorMessage, payload: Uint8Array | null): void {
    switch (message.type) {
      case "scatter-open":
        return this.#open(message.scatter, message.bytes);
      case "scatter-chunk":
        assert(payload !== null, "a chunk of rows has no bytes");
        return this.#store(message.scatter, payload);
      case "scatter-credit":
        // The last credits come back when nobody needs them any more.
        return this.#outgoing
          .get(`${message.scatter} ${message.dest}`)
          ?.add(message.chunks);
      case "welcome":
      case "refused":
      case "heartbeat":
      case "left":
      case "released":
      case "lost":
      case "agreed":
        return;
    }
  }

  /** A rank is lost: no scatter can be completed. */
  fail(error: Error): void {
    this.#failure = error;
    for (const credits of this.#outgoing.values()) credits.fail(error);
    for (const { done } of this.#incoming.values()) done.reject(error);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }

  async #stream(
    scatter: number,
    dest: number,
    parts: readonly Uint8Array[],
  ): Promise<void> {
    const credits = new Credits();
    if (this.#failure) credits.fail(this.#failure);
    this.#outgoing.set(`${scatter} ${dest}`, credits);
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    await this.#send({ type: "scatter-open", scatter, dest, bytes });
    for (const part of parts)
      for (let at = 0; at < part.byteLength; at += CHUNK_BYTES) {
        await credits.take();
        // `slice` copies: the socket keeps the chunk after the user has the array back.
        await this.#send(
          { type: "scatter-chunk", scatter, dest },
          Buffer.from(part.slice(at, at + CHUNK_BYTES)),
        );
      }
    this.#outgoing.delete(`${scatter} ${dest}`);
  }

  #open(scatter: number, bytes: number): void {
    const incoming: Incoming = {
      target: new Uint8Array(new SharedArrayBuffer(bytes)),
      stored: 0,
      done: this.#waiting.shift() ?? this.#expect(),
    };
    this.#incoming.set(scatter, incoming);
    this.#finish(scatter, incoming);
  }

  #expect(): Deferred<Uint8Array> {
    const done = defer<Uint8Array>();
    this.#arrived.push(done.promise);
    return done;
  }

  #store(scatter: number, chunk: Uint8Array): void {
    const incoming = this.#incoming.get(scatter);
    assert(incoming !== undefined, `rows of an unopened scatter ${scatter}`);
    incoming.target.set(chunk, incoming.stored);
    incoming.stored += chunk.byteLength;
    this.#send({ type: "scatter-stored", scatter }).catch((error: Error) =>
      incoming.done.reject(error),
    );
    this.#finish(scatter, incoming);
  }

  #finish(scatter: number, { target, stored, done }: Incoming): void {
    if (stored < target.byteLength) return;
    this.#incoming.delete(scatter);
    done.resolve(target);
  }
}

interface Incoming {
  readonly target: Uint8Array;
  stored: number;
  readonly done: Deferred<Uint8Array>;
}

/** How many chunks one receiver still has room for. */
class Credits {
  #available = 0;
  #waiting: Deferred<void> | null = null;
  #failure: Error | null = null;

  add(chunks: number): void {
    this.#available += chunks;
    this.#waiting?.resolve();
    this.#waiting = null;
  }

  async take(): Promise<void> {
    while (this.#available === 0) {
      if (this.#failure) throw this.#failure;
      this.#waiting ??= defer<void>();
      await this.#waiting.promise;
    }
    this.#available--;
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#waiting?.reject(error);
  }
}
