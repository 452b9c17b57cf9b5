/** What a message that waits costs its receiver besides its payload. */
const MESSAGE_BYTES = 1024;

/** What a message takes of the window, at both ends. */
export const costOf = (payloadBytes: number): number =>
  payloadBytes + MESSAGE_BYTES;

/**
 * How much a rank may have sent to each other one that has not been received there: what bounds the memory of a receiver whom
 * nobody asks to receive. The receiver gives back what it has taken, a good part of the window at once.
 */
export class Credits {
  readonly #windowBytes: number;
  readonly #used = new Map<number, number>();
  readonly #owed = new Map<number, number>();

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  /** Sender: true if `dest` has room for this message, which is taken then. */
  take(dest: number, payloadBytes: number): boolean {
    const used = (this.#used.get(dest) ?? 0) + costOf(payloadBytes);
    if (used > this.#windowBytes) return false;
    this.#used.set(dest, used);
    return true;
  }

  /** Sender: `dest` has taken so much. */
  refill(dest: number, bytes: number): void {
    this.#used.set(dest, Math.max(0, (this.#used.get(dest) ?? 0) - bytes));
  }

  /** Receiver: a message of `source` has been taken. @returns bytes to give back now, 0 for later */
  owe(source: number, payloadBytes: number): number {
    const owed = (this.#owed.get(source) ?? 0) + costOf(payloadBytes);
    const due = owed >= this.#windowBytes / 4;
    this.#owed.set(source, due ? 0 : owed);
    return due ? owed : 0;
  }
}

const MOST_BYTES = 4 << 20;
const LEAST_BYTES = 256 << 10;
const ALL_BYTES = 64 << 20;

/** The window of each pair of ranks, so that all senders together cost a receiver at most 64 MiB, in a world of up to 256. */
export const windowBytes = (size: number): number =>
  Math.min(MOST_BYTES, Math.max(LEAST_BYTES, Math.floor(ALL_BYTES / size)));
