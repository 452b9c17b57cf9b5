/** Where a format wants pieces of its files to lie. */
export interface PieceMemory {
  /** @returns null: anywhere else */
  take(bytes: number): Uint8Array | null;
  /** What it gave is no longer used. */
  close(): void;
}

/**
 * Memory that pieces of files are read into again and again, of one reading at a time: new memory for each makes the garbage
 * collector run for it.
 */
export class ReadMemory {
  /** The thread itself waits for the disk: handing a piece over between threads takes longer than reading it from the page cache. */
  readonly waits: boolean;
  readonly #from: PieceMemory | null;
  #next: Uint8Array = new Uint8Array(0);
  #other: Uint8Array = new Uint8Array(0);

  constructor({
    waits = false,
    from = null,
  }: { readonly waits?: boolean; readonly from?: PieceMemory | null } = {}) {
    this.waits = waits;
    this.#from = from;
  }

  /** That of the piece before the last; of the last one, where the thread waits, since it never reads ahead. */
  take(bytes: number): Uint8Array {
    if (!this.waits) [this.#next, this.#other] = [this.#other, this.#next];
    if (this.#next.length < bytes)
      this.#next = this.#from?.take(bytes) ?? uncleared(bytes);
    return this.#next;
  }

  /** What was read is no longer used. */
  close(): void {
    this.#from?.close();
  }
}

/** Not cleared. */
export function uncleared(bytes: number): Uint8Array<ArrayBuffer> {
  // Parts of a Buffer are Buffers, which takes longer.
  const { buffer, byteOffset, length } = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer, byteOffset, length);
}
