import type { Entry, Signals } from "./fused-average";
import type { Gradient } from "./gradient";

/** Of a step: what is known when its backward pass is over. */
export interface Held {
  readonly gradients: readonly Gradient[];
  readonly signals: Signals;
}

/** What one rank brings to a step. */
export interface Contribution extends Held {
  /** Averaged along with the gradients, with the same weight: metrics, and what a layer keeps beside its weights. */
  readonly more: readonly Float32Array[];
}

/** What became of a step. */
export type Outcome =
  /** Only added up on this rank, for a later update. */
  | { readonly type: "accumulated" }
  /** The variables have changed; `more` holds averages. */
  | ({ readonly type: "updated"; readonly more: readonly Entry[] } & Common)
  /** The update was left out: gradients were not finite. */
  | ({ readonly type: "skipped" } & Common)
  /** No rank had anything to add. */
  | ({ readonly type: "over" } & Common);

interface Common {
  /** Samples of all ranks. */
  readonly weight: number;
  /** Some rank wants to stop. */
  readonly stopping: boolean;
}
