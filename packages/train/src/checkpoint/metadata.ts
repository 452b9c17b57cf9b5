import type { Position } from "@tsmpi/data";
import type { TrainingCounters } from "../exchange/counters";
import type { VariableLayout } from "../exchange/layout";

/** What a checkpoint says beside its tensors. */
export interface Metadata {
  readonly epoch: number;
  readonly step: number;
  readonly extra: unknown;
  /** Of a dataset; null: the checkpoint was saved without one. Absent where an older tsmpi saved it. */
  readonly position?: Position | null;
  /** Of the model's weights, in the order in which they were made: that of `getWeights` depends on what is frozen. */
  readonly layout: readonly VariableLayout[];
  /** Positions in `layout` of those that are trained, in the optimizer's order. */
  readonly trained: readonly number[];
  readonly optimizer: {
    readonly className: string;
    readonly config: unknown;
    readonly numbers: Readonly<Record<string, number>>;
    /** Null: it was not distributed. */
    readonly counters: TrainingCounters | null;
  };
}

const FORMAT = "tsmpi-checkpoint";
const VERSION = "1";

export const encodeMetadata = (
  metadata: Metadata,
): Readonly<Record<string, string>> => ({
  format: FORMAT,
  version: VERSION,
  tsmpi: JSON.stringify(metadata),
});

/** @throws {Error} whose message says what is wrong with the file, to go behind its name */
export function decodeMetadata({
  format,
  version,
  tsmpi,
}: Readonly<Record<string, string>>): Metadata {
  if (format !== FORMAT) throw new Error("is no checkpoint of tsmpi");
  if (version !== VERSION)
    throw new Error(
      `is a checkpoint of version ${version}; this tsmpi reads version ${VERSION}`,
    );
  return JSON.parse(tsmpi!) as Metadata;
}
