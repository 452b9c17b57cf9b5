import type { CallSignature } from "@tsmpi/protocol";
import { defineDirect } from "../shared-segment/direct-algorithm";
import type { SharedSegment } from "../shared-segment/segment";
import type { Steps } from "../shared-segment/steps";

export interface DirectBarrier {
  readonly number: number;
  readonly signature: CallSignature;
}

/** Barrier in memory that all ranks see: it is the gate that every call passes there. */
export const barrierDirect = defineDirect({ collective: "barrier", run });

/** @returns false: the call is made over the network */
function* run(
  { block }: SharedSegment,
  { number, signature }: DirectBarrier,
): Steps<boolean> {
  const nothing = { address: 0, bytes: 0 };
  const isMade = yield* block.arrive(number, signature, nothing);
  if (isMade) block.leave();
  return isMade;
}
