type Parts = readonly Uint8Array[];

interface Waiting {
  readonly parts: Parts;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A queue in front of a ZeroMQ socket, which takes one `send` at a time (a second one throws EBUSY). */
export class Outbox {
  readonly #write: (parts: Uint8Array[]) => Promise<void>;
  #queue: Waiting[] = [];
  #busy = false;
  #closed: Error | null = null;

  constructor(write: (parts: Uint8Array[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the socket has taken the message; messages leave in the order of the calls. */
  put(parts: Parts): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      this.#queue.push({ parts, resolve, reject });
      if (!this.#busy) void this.#drain();
    });
  }

  /** Rejects what still waits, and whatever comes. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const { reject } of this.#queue.splice(0)) reject(reason);
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      try {
        await this.#write([...next.parts]);
        next.resolve();
      } catch (error) {
        next.reject(this.#closed ?? (error as Error));
      }
    }
    this.#busy = false;
  }
}
