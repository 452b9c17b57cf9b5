import {
  defineDirect,
  type DirectCall,
} from "../shared-segment/direct-algorithm";
import { exchangeDirect } from "../shared-segment/exchange";
import type { SharedSegment } from "../shared-segment/segment";
import type { Steps } from "../shared-segment/steps";

export interface DirectGather extends DirectCall {
  /** Who gets all blocks; null: everybody. */
  readonly root: number | null;
  readonly bytes: Uint8Array;
  /** Where block r goes; null: to memory of its own. */
  readonly into: readonly Uint8Array[] | null;
}

/** Gather in memory that all ranks see: each rank shows its block, the root takes them all. Gives nothing elsewhere. */
export const gatherDirect = defineDirect({ collective: "gather", run: gather });

/** Allgather: the same, and everybody takes them. */
export const allgatherDirect = defineDirect({
  collective: "allgather",
  run: gather,
});

function* gather(
  segment: SharedSegment,
  { root, bytes, into, ...call }: DirectGather,
): Steps<{ received: readonly Uint8Array[] | null } | false> {
  const { rank: own, size } = segment.block;
  let received: readonly Uint8Array[] | null = null;
  const isMade = yield* exchangeDirect(segment, {
    ...call,
    shown: [bytes],
    plan({ bytesOf }) {
      if (root !== null && root !== own) return [];
      received = Array.from(
        { length: size },
        (_, rank) => into?.[rank] ?? new Uint8Array(bytesOf(rank)),
      );
      return received.map((target, rank) => ({ rank, start: 0, target }));
    },
  });
  return isMade && { received };
}
