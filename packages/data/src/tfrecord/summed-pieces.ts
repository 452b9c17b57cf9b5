import { PIECE_BYTES } from "../files/piece-bytes";
import type { PieceMemory } from "../files/read-memory";
import { kernel, PIECE_COUNT, PIECES } from "./kernel";

/** One reading at a time has the kernel's memory. */
let isTaken = false;

/** Pieces of a file in the kernel's own memory, where they are summed and looked at without a copy. */
export class SummedPieces implements PieceMemory {
  #has = false;
  #given = 0;

  take(bytes: number): Uint8Array | null {
    if (isTaken && !this.#has) return null;
    if (this.#given === PIECE_COUNT || bytes > PIECE_BYTES) return null;
    this.#has = isTaken = true;
    const at = PIECES + PIECE_BYTES * this.#given++;
    return new Uint8Array(kernel().memory, at, PIECE_BYTES);
  }

  close(): void {
    if (this.#has) isTaken = false;
    this.#has = false;
    this.#given = 0;
  }
}

let looked: Uint8Array | null = null;
let lookedAt: number | null = null;

/** Whether 32-bit floats are all numbers. @returns null: they do not lie there; somebody else is to look */
export function areFiniteThere(
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean | null {
  if (looked !== bytes) {
    looked = bytes;
    const isThere = isTaken && bytes.buffer === kernel().memory;
    lookedAt = isThere ? bytes.byteOffset : null;
  }
  return lookedAt === null
    ? null
    : kernel().areFinite(lookedAt + start, lookedAt + end) === 1;
}
