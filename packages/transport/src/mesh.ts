import {
  assert,
  type CallSignature,
  decodeHeader,
  encodeHeader,
  type FrameHeader,
  type FrameKind,
  HEADER_BYTES,
  type Log,
  type RankAddress,
} from "@tsmpi/protocol";
import type { Inbox, Link, Transport } from "./transport";

/** Up to this size a payload travels in the header's frame: one part costs ZeroMQ less than two. */
const INLINE_BYTES = 4096;

export interface Frame {
  readonly kind: FrameKind;
  readonly context: number;
  readonly tag: number;
  readonly call: CallSignature;
  /** Copied before `send` returns its promise: the caller may write to it again. */
  readonly payload: Uint8Array;
  /** See `FrameHeader`. */
  readonly extent?: number;
}

export interface MeshOptions {
  readonly rank: number;
  readonly size: number;
  readonly transport: Transport;
  readonly host: string;
  readonly jobKey: string;
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
  async send(dest: number, frame: Frame): Promise<void> {
    if (this.#gone.has(dest)) return;
    const { rank } = this.#options;
    const header = {
      extent: 0,
      ...frame,
      message: 0,
      source: rank,
      payloadBytes: frame.payload.byteLength,
    };
    const inline = frame.payload.byteLength <= INLINE_BYTES;
    const head = Buffer.allocUnsafe(
      HEADER_BYTES + (inline ? frame.payload.byteLength : 0),
    );
    encodeHeader(head, header);
    if (inline) head.set(frame.payload, HEADER_BYTES);
    const body = inline ? null : copyOf(frame.payload);
    await this.#transmit(dest, 1, head, body);
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
    this.#links.get(rank)?.close();
    this.#links.delete(rank);
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#inbox.close();
  }

  #link(dest: number): Link {
    const { rank, jobKey, transport } = this.#options;
    let link = this.#links.get(dest);
    if (link === undefined) {
      const endpoint =
        dest === rank ? this.endpoint : this.#addresses[dest]?.endpoint;
      assert(endpoint !== undefined, `rank ${dest} has no address`);
      link = transport.connect(endpoint, { rank, jobKey });
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
    this.received[header.source]!++;
    this.#options.onFrame(header, payload, head);
  }

  #ignore(): void {
    this.#options.log.warn("ignored a message that is not one of ours");
  }
}

/** Memory of its own, not of Node's small-buffer pool, and not zeroed. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
  copy.set(bytes);
  return copy;
}
