import { defineDirect } from "../shared-segment/direct-algorithm";
import {
  type DirectReduction,
  reduceInSlots,
  type Result,
} from "../shared-segment/slots";
import type { SharedSegment } from "../shared-segment/segment";
import type { Steps } from "../shared-segment/steps";

export interface DirectReduceScatter extends DirectReduction {
  /** Bytes of each rank's block, one behind the other in `source`; `target` has room for this rank's. */
  readonly blocks: readonly number[];
}

/** Reduce-scatter in memory that all ranks see: all of them reduce, a part each, and each gets its block. */
export const reduceScatterDirect = defineDirect({
  collective: "reduceScatter",
  run,
});

/** @returns false: the call is made over the network */
function run(
  segment: SharedSegment,
  call: DirectReduceScatter,
): Steps<boolean> {
  const ranks = segment.block.size;
  let end = 0;
  const results = call.blocks.map((bytes): Result => {
    const start = end;
    end += bytes;
    return { ranks, start, end };
  });
  return reduceInSlots(segment, call, (rank) => results[rank]!);
}
