import { PIECE_BYTES } from "./piece-bytes";

/** Memory that pieces of files are read into again and again: new memory for each piece makes the garbage collector run for it. */
export class ReadMemory {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(PIECE_BYTES);
  }

  /** @param piece the beginning of memory that was taken, which nobody reads any more */
  giveBack(piece: Uint8Array): void {
    this.#free.push(new Uint8Array(piece.buffer));
  }
}
