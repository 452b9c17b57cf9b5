import type { SegmentBlock } from "./block";
import type { SegmentKernels } from "./kernels";

/** What an algorithm has that works in memory which all ranks of a communicator see. Addresses are places in that memory. */
export interface SharedSegment {
  readonly block: SegmentBlock;
  readonly kernels: SegmentKernels;
  /** Where this rank has room for large calls, of `stageBytes`; the same as long as the communicator lives. Null: it has none. */
  readonly stage: number | null;
  /** Into the segment, and out of it. */
  copyIn(address: number, source: Uint8Array): void;
  copyOut(target: Uint8Array, address: number): void;
  /** The address of memory in the segment that belongs to this rank; null for memory elsewhere. */
  addressOf(bytes: Uint8Array): number | null;
}

/** Of a message that is longer, so much is worked on at a time: it stays in the caches of the cores. A multiple of every item. */
export const CHUNK_BYTES = 256 << 10;

/** Room for two chunks, and for two results of a part each. */
export const stageBytes = (size: number): number =>
  2 * CHUNK_BYTES + 2 * partBytes(CHUNK_BYTES, size);

/** Parts of ranks begin at cache lines, so that no two ranks write to one. */
export const LINE_BYTES = 64;

/** The longest part, if so many bytes are cut for so many ranks. */
export const partBytes = (bytes: number, size: number): number =>
  Math.ceil(bytes / LINE_BYTES / size) * LINE_BYTES;

/** Where the part of a rank begins and ends. */
export function partOf(
  bytes: number,
  size: number,
  rank: number,
): { readonly start: number; readonly end: number } {
  const part = partBytes(bytes, size);
  return {
    start: Math.min(bytes, rank * part),
    end: Math.min(bytes, (rank + 1) * part),
  };
}

/** So much is worked on at a time that what all ranks have of it stays in the fastest cache. */
export const TILE_BYTES = 8 << 10;

export const ranksOf = ({ size }: { readonly size: number }): number[] =>
  Array.from({ length: size }, (_, rank) => rank);
