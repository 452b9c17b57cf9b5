import type { EpochAccount } from "../accounting/epoch-account";
import type { Catalogue } from "../catalogue/catalogue";
import type { Part } from "../epoch/read-part";
import type { EpochPlan, FileRecords } from "../feed";
import type { Ids } from "../pipeline/block";
import type { QualityReport } from "../quality/defects";
import type { QualityOptions } from "../quality/guard";
import type { Packed } from "./pack";
import type { StageData } from "./stage-data";
import type { ThreadError } from "./thread-error";

/** What a background thread knows from its beginning. */
export interface BackgroundSetUp {
  readonly catalogue: Catalogue;
  readonly quality: QualityOptions;
  readonly stages: readonly StageData[];
  /** Items that it keeps ready. */
  readonly count: number;
}

/** To the thread. `pass` counts the epochs that were begun: what is about one that was left is not looked at. */
export type ToBackground = { readonly pass: number } & (
  | { readonly kind: "begin"; readonly plan: EpochPlan }
  | { readonly kind: "part"; readonly part: FileRecords | Part }
  /** There are no more parts. */
  | { readonly kind: "last" }
  /** So many items more may be sent. */
  | { readonly kind: "taken"; readonly items: number }
  | { readonly kind: "stop" }
);

export type FromBackground = { readonly pass: number } &
  /** One part more. */
  (
    | { readonly kind: "want" }
    | {
        readonly kind: "block";
        readonly items: Packed | readonly unknown[];
        readonly ids: readonly Ids[];
        /** Left out since the block before. */
        readonly dropped: readonly number[];
      }
    | { readonly kind: "warning"; readonly text: string }
    | {
        readonly kind: "end";
        readonly failed: ThreadError | null;
        readonly dropped: readonly number[];
        /** null: no part was asked for. */
        readonly account: EpochAccount | null;
        readonly quality: QualityReport;
      }
  );
