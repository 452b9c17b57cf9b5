import type { FrameHeader, FrameKind } from "@tsmpi/protocol";
import type { OutgoingMessage } from "./message";
import type { Operation } from "./operation";

/** A frame to a world rank. */
export type PostFrame = (
  dest: number,
  header: Omit<FrameHeader, "source" | "payloadBytes">,
  /** Taken over before this returns. */
  payload: Uint8Array,
) => void;

/** Of an announced message: in pieces of which size it travels. */
export const PART_BYTES = 256 << 10;

export interface Held {
  readonly message: OutgoingMessage;
  readonly operation: Operation<null>;
  /** Bytes. */
  sent: number;
}

/** Of a frame about a message that this rank sends. */
export const headerOf = (
  kind: FrameKind,
  { context, tag, call }: OutgoingMessage,
  message: number,
  extent: number,
) => ({ kind, context, tag, call, message, extent });

/**
 * The sender's end of the protocol for long and for synchronous messages: they are held until a receive has met them and has
 * got their bytes.
 */
export class HeldMessages {
  readonly #post: PostFrame;
  readonly #held = new Map<number, Held>();

  constructor(post: PostFrame) {
    this.#post = post;
  }

  get size(): number {
    return this.#held.size;
  }

  /** @param number what the receiver names it by */
  hold(
    number: number,
    message: OutgoingMessage,
    operation: Operation<null>,
  ): void {
    this.#held.set(number, { message, operation, sent: 0 });
  }

  /** The receiver has room for `extent` bytes more. */
  sendParts({ message: number, extent }: FrameHeader): void {
    const held = this.#held.get(number);
    if (!held) return;
    const { message } = held;
    const end = Math.min(held.sent + extent, message.bytes.byteLength);
    while (held.sent < end) {
      const part = message.bytes.subarray(
        held.sent,
        Math.min(held.sent + PART_BYTES, end),
      );
      const header = headerOf("part", message, number, held.sent);
      this.#post(message.dest, header, part);
      held.sent += part.byteLength;
    }
    if (held.sent === message.bytes.byteLength) this.release(number);
  }

  /** The receiver needs nothing more of it. */
  release(number: number): void {
    const held = this.#held.get(number);
    this.#held.delete(number);
    held?.operation.succeed(null);
  }

  some(which: (held: Held) => boolean): boolean {
    return [...this.#held.values()].some(which);
  }

  /** Nobody will ever receive these. */
  failWhere(error: Error, which: (held: Held) => boolean): void {
    for (const [number, held] of this.#held)
      if (which(held)) {
        this.#held.delete(number);
        held.operation.fail(error);
      }
  }
}
