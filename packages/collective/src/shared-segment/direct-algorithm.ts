import type { Collective } from "../algorithm";
import type { SharedSegment } from "./segment";
import type { Steps } from "./steps";

/** An algorithm that works in memory which all ranks see, on the calling thread. There is one of a collective at most. */
export interface DirectAlgorithm<Which extends Collective, Call> {
  readonly collective: Which;
  readonly name: "direct";
  readonly needs: "sharedSegment";
  /** Gives false where the call is made over the network. */
  readonly run: (segment: SharedSegment, call: Call) => Steps<boolean>;
}

export const defineDirect = <Which extends Collective, Call>({
  collective,
  run,
}: Pick<DirectAlgorithm<Which, Call>, "collective" | "run">): DirectAlgorithm<
  Which,
  Call
> => ({
  collective,
  name: "direct",
  needs: "sharedSegment",
  run,
});
