import {
  defineDirect,
  type DirectCall,
} from "../shared-segment/direct-algorithm";
import { exchangeDirect } from "../shared-segment/exchange";
import { ranksOf, type SharedSegment } from "../shared-segment/segment";
import type { Steps } from "../shared-segment/steps";

export interface DirectGather extends DirectCall {
  /** Who gets all blocks; null: everybody. */
  readonly root: number | null;
  readonly bytes: Uint8Array;
  /** Where block r goes; null: to memory of its own. */
  readonly into: readonly Uint8Array[] | null;
  /** Every block has the length of its place: all have one length, or go to memory of their own. */
  readonly fitsForSure: boolean;
}

/**
 * Gather in memory that all ranks see: each rank shows its block, the root takes them all. Gives nothing elsewhere. Where a block may
 * not fit the root tells what lengths it expects; if one differs, all ranks make the call over the network, where it fails.
 */
export const gatherDirect = defineDirect({ collective: "gather", run: gather });

/** Allgather: the same, and everybody takes them. All expect the same lengths: their calls say which. */
export const allgatherDirect = defineDirect({
  collective: "allgather",
  run: gather,
});

function* gather(
  segment: SharedSegment,
  { root, bytes, into, fitsForSure, ...call }: DirectGather,
): Steps<{ received: readonly Uint8Array[] | null } | false> {
  const { rank: own, size } = segment.block;
  const ranks = ranksOf(segment.block);
  const expected = into?.map(({ byteLength }) => byteLength) ?? [];
  let received: readonly Uint8Array[] | null = null;
  const isMade = yield* exchangeDirect(segment, {
    ...call,
    lengths: fitsForSure || root !== own ? [] : expected,
    shown: [bytes],
    plan({ bytesOf, lengthsOf }) {
      if (!fitsForSure) {
        const lengths = root === null ? expected : lengthsOf(root, size);
        if (ranks.some((rank) => bytesOf(rank) !== lengths[rank])) return null;
      }
      if (root !== null && root !== own) return [];
      received = ranks.map(
        (rank) => into?.[rank] ?? new Uint8Array(bytesOf(rank)),
      );
      return received.map((target, rank) => ({ rank, start: 0, target }));
    },
  });
  return isMade && { received };
}
