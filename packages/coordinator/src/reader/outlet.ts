import {
  type FileRecords,
  newMemory,
  PIECE_BYTES,
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
  /** The last record is kept back until the end, which may drop it. */
  readonly keepsLast: boolean;
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
  /** The last record that was put in. */
  #last: FileRecords | null = null;

  constructor(options: OutletOptions) {
    this.#options = options;
    this.#writer = this.#newWriter();
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }
  get last(): FileRecords | null {
    return this.#last;
  }

  /** Resolves when there is room for more: not before the rank has taken some. */
  async put({ file, records }: FileRecords): Promise<void> {
    const count = records.starts.length;
    if (this.#isStopped || count === 0) return;
    const last = sliceRecords(records, count - 1, count);
    if (!this.#options.keepsLast) await this.#pack({ file, records });
    else {
      if (this.#last !== null) await this.#pack(this.#last);
      if (count > 1)
        await this.#pack({
          file,
          records: sliceRecords(records, 0, count - 1),
        });
    }
    this.#last = { file, records: last };
  }

  /** Sends what is left. @param dropsLast without the record that was put in last */
  async end({ dropsLast }: { readonly dropsLast: boolean }): Promise<void> {
    if (this.#options.keepsLast && this.#last !== null && !dropsLast)
      await this.#pack(this.#last);
    if (!this.#writer.isEmpty) await this.#flush();
  }

  credit(frames: number): void {
    this.#credits += frames;
    for (let i = 0; i < frames && this.#onTheWay.length > 0; i++) {
      const memory = this.#onTheWay.shift()!;
      if (memory?.length === PIECE_BYTES) this.#free.push(memory);
    }
    this.#wake?.();
  }

  /** Its memory is given back: other ranks may go on for long. */
  stop(): void {
    this.#isStopped = true;
    this.#writer = new PieceWriter(newMemory(0));
    this.#onTheWay.length = this.#free.length = 0;
    this.#last = null;
    this.#wake?.();
  }

  async #pack({ file, records }: FileRecords): Promise<void> {
    const count = records.starts.length;
    for (let from = 0; from < count && !this.#isStopped;) {
      const room = this.#writer.roomFor(records, from);
      if (room === 0 && !this.#writer.isEmpty) {
        await this.#flush();
        continue;
      }
      const to = from + Math.max(1, room);
      this.#writer.add({ file, records: sliceRecords(records, from, to) });
      from = to;
    }
  }

  async #flush(): Promise<void> {
    const { stream, dest, post } = this.#options;
    const { memory } = this.#writer;
    const piece = this.#writer.finish();
    for (let at = 0; at < piece.length; at += MOST_FRAME_BYTES) {
      while (this.#credits === 0 && !this.#isStopped)
        await new Promise<void>((resolve) => (this.#wake = resolve));
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

  #newWriter(): PieceWriter {
    return new PieceWriter(this.#free.pop() ?? newMemory(PIECE_BYTES));
  }
}
