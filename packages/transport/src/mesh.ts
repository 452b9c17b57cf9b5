import {
  assert,
  type CallSignature,
  decodeHeader,
  encodeHeader,
  type FrameHeader,
  type FrameKind,
  HEADER_BYTES,
  type Log,
  NO_CALL,
  type RankAddress,
} from "@tsmpi/protocol";
import type { Ports } from "./addresses/bind";
import type { Credentials } from "./security/credentials";
import type { Inbox, Link, Transport } from "./transport";

/** Up to this size a payload travels in the header's frame: one part costs ZeroMQ less than two. */
const INLINE_BYTES = 4096;

export interface Frame {
  readonly kind: FrameKind;
  readonly context: number;
  readonly tag: number;
  readonly call: CallSignature;
  /** Copied before `send` returns its promise: the caller may write to it again. Not so if it is lent. */
  readonly payload: Uint8Array;
  /**
   * A payload that is sent from where it lies: it must stay as it is until the receiver has it. What the receiver sends because
   * of it shows that, or `flush`. Default false.
   */
  readonly isLent?: boolean;
  /** See `FrameHeader`. */
  readonly extent?: number;
}

export interface MeshOptions {
  readonly rank: number;
  readonly size: number;
  readonly transport: Transport;
  readonly host: string;
  readonly ports: Ports;
  readonly credentials: Credentials;
  readonly connectTimeoutMs: number;
  /** No link can be made to that rank: says why, and where it is. */
  readonly onUnreachable: (rank: number, why: string) => void;
  readonly log: Log;
  /**
   * Each frame, those of one source in the order they were sent. The payload belongs to the receiver.
   *
   * @param head begins with the header as it came
   */
  readonly onFrame: (
    header: FrameHeader,
    payload: Uint8Array,
    head: Uint8Array,
  ) => void;
}

/** Every rank can reach every other; a link is opened when something is first sent over it. */
export class Mesh {
  readonly #options: MeshOptions;
  readonly #inbox: Inbox;
  readonly #links = new Map<number, Link>();
  readonly #gone = new Set<number>();
  #addresses: readonly RankAddress[] = [];
  /** Frames sent to each rank, ever: what a leaving rank reports. */
  readonly sent: number[];
  /** Frames that arrived from each rank, ever. */
  readonly received: number[];
  /** Ranks that need nothing any more. */
  readonly #ended = new Set<number>();
  /** Flushes that have no answer yet, by rank and by number. */
  readonly #flushes = new Map<number, Map<number, () => void>>();
  #nextFlush = 0;

  static async open(options: MeshOptions): Promise<Mesh> {
    // Nothing arrives before the mesh exists: nobody knows the inbox's address until then.
    const inbox = await options.transport.listen({
      ...options,
      onMessage: (header, payload) => mesh.#accept(header, payload),
    });
    const mesh = new Mesh(options, inbox);
    return mesh;
  }

  private constructor(options: MeshOptions, inbox: Inbox) {
    this.#options = options;
    this.#inbox = inbox;
    this.sent = Array.from({ length: options.size }, () => 0);
    this.received = Array.from({ length: options.size }, () => 0);
  }

  get endpoint(): string {
    return this.#inbox.endpoint;
  }

  /** From the rendezvous: where everybody listens. */
  setAddresses(addresses: readonly RankAddress[]): void {
    this.#addresses = addresses;
  }

  /** Resolves when the transport has taken the message. A message to a rank that is gone is dropped. */
  async send(dest: number, frame: Frame, message = 0): Promise<void> {
    if (this.#gone.has(dest)) return;
    const { kind, context, tag, call, payload } = frame;
    const { isLent = false, extent = 0 } = frame;
    const { byteLength: payloadBytes } = payload;
    const inline = payloadBytes <= INLINE_BYTES;
    const head = Buffer.allocUnsafe(HEADER_BYTES + (inline ? payloadBytes : 0));
    const source = this.#options.rank;
    // Spread, these would cost more than all else here.
    encodeHeader(head, {
      kind,
      source,
      context,
      tag,
      call,
      message,
      payloadBytes,
      extent,
    });
    if (inline) head.set(payload, HEADER_BYTES);
    const body = inline ? null : isLent ? payload : copyOf(payload);
    await this.#transmit(dest, 1, head, body);
  }

  /**
   * Resolves when `dest` has all that it has been sent, or needs nothing any more: what was lent may be written to again. It is
   * not the program of `dest` that answers, so this takes no longer than its messages take.
   */
  async flush(dest: number): Promise<void> {
    if (this.#gone.has(dest) || this.#ended.has(dest)) return;
    const number = this.#nextFlush++;
    const answered = new Promise<void>((resolve) => {
      const open = this.#flushes.get(dest) ?? new Map<number, () => void>();
      this.#flushes.set(dest, open.set(number, resolve));
    });
    await this.send(dest, { ...FLUSH, kind: "collective-flush" }, number);
    await answered;
  }

  /**
   * Several frames as they are, one behind the other, in one message of the transport's.
   *
   * @param bytes handed over: headers, which name this rank as their source, and payloads
   */
  async sendEncoded(
    dest: number,
    bytes: Uint8Array,
    frames: number,
  ): Promise<void> {
    if (!this.#gone.has(dest)) await this.#transmit(dest, frames, bytes, null);
  }

  async #transmit(
    dest: number,
    frames: number,
    head: Uint8Array,
    body: Uint8Array | null,
  ): Promise<void> {
    this.sent[dest]! += frames;
    try {
      await this.#link(dest).send(head, body);
    } catch (error) {
      // It went while this message waited in the link.
      if (!this.#gone.has(dest)) throw error;
    }
  }

  /** A rank that is gone gets nothing more; its link is closed. */
  forget(rank: number): void {
    this.#gone.add(rank);
    this.ended(rank);
    this.#links.get(rank)?.close();
    this.#links.delete(rank);
  }

  /** The program of this rank has ended: whatever it has not got it does not need. */
  ended(rank: number): void {
    this.#ended.add(rank);
    for (const resolve of this.#flushes.get(rank)?.values() ?? []) resolve();
    this.#flushes.delete(rank);
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#inbox.close();
    for (const rank of [...this.#flushes.keys()]) this.ended(rank);
  }

  #link(dest: number): Link {
    const { rank, onUnreachable, transport } = this.#options;
    let link = this.#links.get(dest);
    if (link === undefined) {
      const endpoint =
        dest === rank ? this.endpoint : this.#addresses[dest]?.endpoint;
      assert(endpoint !== undefined, `rank ${dest} has no address`);
      link = transport.connect(endpoint, {
        ...this.#options,
        dest,
        onUnreachable: (why) => onUnreachable(dest, why),
      });
      this.#links.set(dest, link);
    }
    return link;
  }

  #accept(head: Uint8Array, body: Uint8Array | null): void {
    if (body) return this.#acceptFrame(head, body);
    for (let at = 0; at < head.byteLength || at === 0;) {
      const rest = head.subarray(at);
      const bytes = decodeHeader(rest)?.payloadBytes ?? NaN;
      // Whoever sends less than nothing would be read for ever.
      if (!(bytes >= 0 && HEADER_BYTES + bytes <= rest.byteLength))
        return this.#ignore();
      at += HEADER_BYTES + bytes;
      this.#acceptFrame(
        rest,
        rest.subarray(HEADER_BYTES, HEADER_BYTES + bytes),
      );
    }
  }

  #acceptFrame(head: Uint8Array, payload: Uint8Array): void {
    const header = decodeHeader(head);
    if (
      header === null ||
      header.source >= this.#options.size ||
      header.payloadBytes !== payload.byteLength
    )
      return this.#ignore();
    const { kind, source, message } = header;
    this.received[source]!++;
    if (kind === "collective-flush")
      // If it has gone meanwhile, it needs no answer.
      this.send(
        source,
        { ...FLUSH, kind: "collective-flushed" },
        message,
      ).catch(() => {});
    if (kind === "collective-flushed") {
      this.#flushes.get(source)?.get(message)?.();
      this.#flushes.get(source)?.delete(message);
    }
    this.#options.onFrame(header, payload, head);
  }

  #ignore(): void {
    this.#options.log.warn("ignored a message that is not one of ours");
  }
}

/** What flushes and their answers are besides their kind and number. */
const FLUSH = {
  context: 0,
  tag: 0,
  call: NO_CALL,
  payload: new Uint8Array(0),
} as const;

/** Memory of its own, not of Node's small-buffer pool, and not zeroed. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
  copy.set(bytes);
  return copy;
}
