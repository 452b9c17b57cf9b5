import type { CallSignature, FrameHeader } from "@tsmpi/protocol";
import { Operation } from "./operation";

/** A message of which this rank knows, and which no receive has taken. */
export interface ArrivedMessage {
  readonly header: FrameHeader;
  /** Null: announced, the bytes are still with the sender. */
  readonly payload: Uint8Array | null;
}

/** Bytes of a message, announced or here. */
export const lengthOf = ({ header, payload }: ArrivedMessage): number =>
  payload === null ? header.extent : payload.byteLength;

/** How the payload of a message becomes what the receiver wanted. */
export interface Target<Result> {
  /**
   * Where `length` bytes are to be put, before they have come. May refuse the message.
   *
   * @throws whatever the receive is to fail with
   */
  open(header: FrameHeader, length: number): Uint8Array;
  /** All bytes are there. */
  close(header: FrameHeader, bytes: Uint8Array): Result;
}

/** A receive from when it is posted until its message has arrived whole. */
export class PendingReceive<Result = unknown> extends Operation<Result> {
  constructor(readonly target: Target<Result>) {
    super();
  }

  /** All bytes of its message are there. */
  complete(header: FrameHeader, bytes: Uint8Array): void {
    try {
      this.succeed(this.target.close(header, bytes));
    } catch (error) {
      this.fail(error as Error);
    }
  }
}

/** What a rank sends: where to, and how it is found there. */
export interface OutgoingMessage {
  /** World rank. */
  readonly dest: number;
  readonly context: number;
  readonly tag: number;
  /** dtype and count. */
  readonly call: CallSignature;
  readonly bytes: Uint8Array;
  /** Complete only when a receive has met it. */
  readonly synchronous: boolean;
}
