import { defineDirect } from "../shared-segment/direct-algorithm";
import {
  type DirectReduction,
  NO_RESULT,
  reduceInSlots,
} from "../shared-segment/slots";
import type { SharedSegment } from "../shared-segment/segment";
import type { Steps } from "../shared-segment/steps";

export interface DirectReduce extends DirectReduction {
  readonly root: number;
}

/** Reduce in memory that all ranks see: all of them reduce, a part each, and the root gets it. */
export const reduceDirect = defineDirect({ collective: "reduce", run });

/** @returns false: the call is made over the network */
function run(segment: SharedSegment, call: DirectReduce): Steps<boolean> {
  const { size } = segment.block;
  const all = { ranks: size, start: 0, end: call.source.byteLength };
  return reduceInSlots(segment, call, (rank) =>
    rank === call.root ? all : NO_RESULT,
  );
}
