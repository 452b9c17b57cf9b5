import {
  defineDirect,
  type DirectCall,
} from "../shared-segment/direct-algorithm";
import { exchangeDirect } from "../shared-segment/exchange";
import type { SharedSegment } from "../shared-segment/segment";
import type { Steps } from "../shared-segment/steps";

export interface DirectBroadcast extends DirectCall {
  readonly root: number;
  /** The root's. */
  readonly bytes: Uint8Array | null;
  /** Where they go elsewhere; null: to memory of their own. */
  readonly into: Uint8Array | null;
}

/** Broadcast in memory that all ranks see: the root shows its bytes, the others take them. Gives nothing at the root. */
export const broadcastDirect = defineDirect({ collective: "bcast", run });

function* run(
  segment: SharedSegment,
  { root, bytes, into, ...call }: DirectBroadcast,
): Steps<{ received: Uint8Array | null } | false> {
  let received: Uint8Array | null = null;
  const isMade = yield* exchangeDirect(segment, {
    ...call,
    shown: bytes ? [bytes] : [],
    plan({ bytesOf }) {
      if (segment.block.rank === root) return [];
      received = into ?? new Uint8Array(bytesOf(root));
      return [{ rank: root, start: 0, target: received }];
    },
  });
  return isMade && { received };
}
