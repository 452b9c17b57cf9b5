import {
  DEALT_PIECE_BYTES,
  type FileRecords,
  newMemory,
  PieceWriter,
  sliceRecords,
} from "@tsmpi/data";
import type { RankMessage } from "@tsmpi/protocol";

/** No frame to a rank has more. */
const MOST_FRAME_BYTES = 2 << 20;

export type Post = (message: RankMessage, payload: Uint8Array | null) => void;

/** Of one stream to one rank. */
export interface OutletOptions {
  readonly stream: string;
  readonly dest: number;
  readonly post: Post;
}

/** Packs records for one rank into pieces, and posts these as the rank gives credit. Memory is used again when a piece has arrived. */
export class Outlet {
  readonly #options: OutletOptions;
  #writer: PieceWriter;
  #credits = 0;
  #isStopped = false;
  #wake: (() => void) | null = null;
  /** Of frames on their way, in order: what is free when they have arrived. */
  readonly #onTheWay: (Uint8Array | null)[] = [];
  readonly #free: Uint8Array[] = [];
  /** Records, in pieces. */
  #packed = 0;
  #flushing: Promise<void> = Promise.resolve();
  #blockedSinceMs: number | null = null;
  /** Ends the put that waits. */
  #part: (() => void) | null = null;
  #isBehind = false;

  constructor(options: OutletOptions) {
    this.#options = options;
    this.#writer = this.#newWriter();
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }
  /** Since when a put has waited for the rank; null: none does. */
  get blockedSinceMs(): number | null {
    return this.#blockedSinceMs;
  }
  /** The rank has had all that was posted, and could have more. */
  get isIdle(): boolean {
    return !this.#isStopped && this.#onTheWay.length === 0;
  }
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** The put that waits returns, as those do that follow: what they bring is for another reading, for this rank alone. */
  fallBehind(): void {
    this.#isBehind = true;
    this.#part?.();
  }

  /** What is under way has left: put the records again. @returns so many of the first of them need not be */
  async catchUp(): Promise<number> {
    await this.#flushing;
    this.#isBehind = false;
    return this.#packed;
  }

  /** Resolves when there is room for more: not before the rank has taken some. */
  async put({ file, records }: FileRecords): Promise<void> {
    const count = records.starts.length;
    for (let from = 0; from < count && this.#takes();) {
      const room = this.#writer.roomFor(records, from);
      if (room === 0 && !this.#writer.isEmpty) {
        this.#flushing = this.#flush();
        const parted = new Promise<void>((resolve) => (this.#part = resolve));
        await Promise.race([this.#flushing, parted]);
        continue;
      }
      const to = from + Math.max(1, room);
      this.#packed += to - from;
      this.#writer.add({ file, records: sliceRecords(records, from, to) });
      from = to;
    }
  }

  /** Sends what is left. */
  async end(): Promise<void> {
    if (!this.#writer.isEmpty) await this.#flush();
  }

  credit(frames: number): void {
    this.#credits += frames;
    for (let i = 0; i < frames && this.#onTheWay.length > 0; i++) {
      const memory = this.#onTheWay.shift()!;
      if (memory?.length === DEALT_PIECE_BYTES) this.#free.push(memory);
    }
    this.#wake?.();
  }

  /** Its memory is given back: other ranks may go on for long. */
  stop(): void {
    this.#isStopped = true;
    this.#writer = new PieceWriter(newMemory(0));
    this.#onTheWay.length = this.#free.length = 0;
    this.#wake?.();
  }

  async #flush(): Promise<void> {
    const { stream, dest, post } = this.#options;
    const { memory } = this.#writer;
    const piece = this.#writer.finish();
    for (let at = 0; at < piece.length; at += MOST_FRAME_BYTES) {
      while (this.#credits === 0 && !this.#isStopped) {
        this.#blockedSinceMs ??= performance.now();
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      this.#blockedSinceMs = null;
      if (this.#isStopped) return;
      this.#credits--;
      const end = at + MOST_FRAME_BYTES;
      const more = end < piece.length;
      this.#onTheWay.push(more ? null : memory);
      post(
        { type: "stream-piece", stream, dest, more },
        piece.subarray(at, end),
      );
    }
    this.#writer = this.#newWriter();
  }

  #takes(): boolean {
    return !this.#isStopped && !this.#isBehind;
  }

  #newWriter(): PieceWriter {
    return new PieceWriter(this.#free.pop() ?? newMemory(DEALT_PIECE_BYTES));
  }
}
