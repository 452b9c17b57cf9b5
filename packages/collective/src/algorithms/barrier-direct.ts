import {
  defineDirect,
  type DirectCall,
} from "../shared-segment/direct-algorithm";
import { NOTHING } from "../shared-segment/block";
import type { SharedSegment } from "../shared-segment/segment";
import type { Steps } from "../shared-segment/steps";

/** Barrier in memory that all ranks see: it is the gate that every call passes there. */
export const barrierDirect = defineDirect({ collective: "barrier", run });

/** @returns false: the call is made over the network */
function* run(
  { block }: SharedSegment,
  { number, signature }: DirectCall,
): Steps<boolean> {
  const isMade = yield* block.arrive(number, signature, NOTHING);
  if (isMade) block.leave();
  return isMade;
}
