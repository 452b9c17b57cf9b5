import { SegmentBlock } from "@tsmpi/collective";
import { loadSharedMemory } from "@tsmpi/transport";
import type { SharedMemory } from "./arena";

/** Where in the arena a block is, and who looks at it. */
export interface BlockPlace {
  readonly offset: number;
  readonly size: number;
  readonly rank: number;
}

/** A block as either thread sees it: who sleeps there, in any process, is woken. */
export function blockIn(
  { buffer }: SharedMemory,
  { offset, size, rank }: BlockPlace,
): SegmentBlock {
  let base: number | null = null;
  return new SegmentBlock({
    ...{ memory: buffer, offset, size, rank },
    wake(index) {
      // The communication thread hardly ever gets here, and loads nothing until then.
      const libc = loadSharedMemory().loadLibc();
      base ??= libc.addressOf(buffer);
      libc.futexWake(base + index * Int32Array.BYTES_PER_ELEMENT);
    },
  });
}
