import type { FrameHeader } from "@tsmpi/protocol";

export interface Message {
  readonly header: FrameHeader;
  readonly payload: Uint8Array;
}

interface Waiter {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
}

/** Messages of one source within one call: whichever comes first, the message or the receive, waits for the other. */
export class MessageQueue {
  readonly #arrived: Message[] = [];
  readonly #waiting: Waiter[] = [];
  /** A long message of which the first parts have come. */
  #partial: { readonly bytes: Uint8Array; filled: number } | null = null;
  #failure: Error | null = null;

  /** A message whose header has an extent is a part of a long one, which follow each other. */
  put(message: Message): void {
    const { header, payload } = message;
    if (header.extent === 0) return this.#deliver(message);
    this.#partial ??= {
      bytes: Buffer.allocUnsafeSlow(header.extent),
      filled: 0,
    };
    const { bytes } = this.#partial;
    bytes.set(payload, this.#partial.filled);
    this.#partial.filled += payload.byteLength;
    if (this.#partial.filled < bytes.byteLength) return;
    this.#partial = null;
    this.#deliver({ header, payload: bytes });
  }

  #deliver(message: Message): void {
    const waiter = this.#waiting.shift();
    if (waiter) waiter.resolve(message);
    else this.#arrived.push(message);
  }

  /** What has arrived is still given out after a failure. */
  take(): Promise<Message> {
    const message = this.#arrived.shift();
    if (message) return Promise.resolve(message);
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) =>
      this.#waiting.push({ resolve, reject }),
    );
  }

  /** Nothing more will come. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }

  get failure(): Error | null {
    return this.#failure;
  }

  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }
}
