import type { FrameHeader, FrameKind } from "@tsmpi/protocol";
import { PART_BYTES } from "./held-messages";
import type { PendingReceive } from "./message";

/** What an announced message may have under way at once. */
const WINDOW_BYTES = 4 * PART_BYTES;

/** A frame to the sender of a message, about that message. */
export type AnswerSender = (
  header: FrameHeader,
  kind: FrameKind,
  extent: number,
) => void;

interface Arriving {
  readonly receive: PendingReceive;
  /** Of its announcement. */
  readonly header: FrameHeader;
  readonly into: Uint8Array;
  /** Bytes. */
  received: number;
  requested: number;
}

/** The receiver's end of the protocol for long messages: their bytes are asked for when a receive has met them, and as they come. */
export class ArrivingMessages {
  readonly #answer: AnswerSender;
  readonly #arriving = new Map<number, Arriving>();

  constructor(answer: AnswerSender) {
    this.#answer = answer;
  }

  request(
    header: FrameHeader,
    receive: PendingReceive,
    into: Uint8Array,
  ): void {
    const requested = Math.min(header.extent, WINDOW_BYTES);
    const arriving = { receive, header, into, received: 0, requested };
    this.#arriving.set(keyOf(header), arriving);
    this.#answer(header, "requested", requested);
  }

  get size(): number {
    return this.#arriving.size;
  }

  takePart(header: FrameHeader, payload: Uint8Array): void {
    const arriving = this.#arriving.get(keyOf(header));
    if (!arriving) return;
    const { receive, header: announced, into } = arriving;
    into.set(payload, header.extent);
    arriving.received += payload.byteLength;
    if (arriving.received === announced.extent) {
      this.#arriving.delete(keyOf(header));
      return receive.complete(announced, into);
    }
    const more = Math.min(
      payload.byteLength,
      announced.extent - arriving.requested,
    );
    arriving.requested += more;
    if (more > 0) this.#answer(announced, "requested", more);
  }

  /** The rest of these will never come. */
  failWhere(error: Error, which: (header: FrameHeader) => boolean): void {
    for (const [key, { header, receive }] of this.#arriving)
      if (which(header)) {
        this.#arriving.delete(key);
        receive.fail(error);
      }
  }
}

/** The sender of a message and the number it has there. */
const keyOf = ({ source, message }: FrameHeader): number =>
  source * 2 ** 32 + message;
