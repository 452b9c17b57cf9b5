import type { CallSignature } from "@tsmpi/protocol";
import type { Collective } from "../algorithm";
import type { SharedSegment } from "./segment";
import type { Steps } from "./steps";

/** Of every call in shared memory. */
export interface DirectCall {
  /** Of the call among those of its communicator. */
  readonly number: number;
  /** What this rank says of it. */
  readonly signature: CallSignature;
}

/** An algorithm that works in memory which all ranks see, on the calling thread. There is one of a collective at most. */
export interface DirectAlgorithm<
  Which extends Collective,
  Call extends DirectCall,
  Result,
> {
  readonly collective: Which;
  readonly name: "direct";
  readonly needs: "sharedSegment";
  /** Gives false where the call is made over the network. */
  readonly run: (segment: SharedSegment, call: Call) => Steps<Result | false>;
}

export const defineDirect = <
  Which extends Collective,
  Call extends DirectCall,
  Result,
>({
  collective,
  run,
}: Pick<
  DirectAlgorithm<Which, Call, Result>,
  "collective" | "run"
>): DirectAlgorithm<Which, Call, Result> => ({
  collective,
  name: "direct",
  needs: "sharedSegment",
  run,
});
