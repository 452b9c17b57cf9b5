import { defineDirect } from "../shared-segment/direct-algorithm";
import { type DirectReduction, reduceInSlots } from "../shared-segment/slots";
import type { SharedSegment } from "../shared-segment/segment";
import type { Steps } from "../shared-segment/steps";

/** Exclusive scan in memory that all ranks see: each of them makes all prefixes of its part. Rank 0 gets nothing. */
export const exscanDirect = defineDirect({ collective: "exscan", run });

/** @returns false: the call is made over the network */
function run(segment: SharedSegment, call: DirectReduction): Steps<boolean> {
  const end = call.source.byteLength;
  return reduceInSlots(segment, call, (rank) => ({
    ranks: rank,
    start: 0,
    end,
  }));
}
