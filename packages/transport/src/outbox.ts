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
    if (!this.#busy) return this.#send(parts);
    return new Promise((resolve, reject) => {
      this.#queue.push({ parts, resolve, reject });
    });
  }

  /** Rejects what still waits, and whatever comes. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const { reject } of this.#queue.splice(0)) reject(reason);
  }

  async #send(parts: Parts): Promise<void> {
    this.#busy = true;
    try {
      await this.#write([...parts]);
    } catch (error) {
      throw this.#closed ?? error;
    } finally {
      this.#busy = false;
      const next = this.#queue.shift();
      if (next) this.#send(next.parts).then(next.resolve, next.reject);
    }
  }
}
