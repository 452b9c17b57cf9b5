import type { EpochAccount } from "../accounting/epoch-account";
import type { Catalogue } from "../catalogue/catalogue";
import type { Part } from "../epoch/read-part";
import type { EpochPlan, FileRecords } from "../feed";
import type { Ids } from "../pipeline/block";
import type { QualityReport } from "../quality/defects";
import type { QualityOptions } from "../quality/guard";
import type { Packed } from "./pack";
import type { StageData } from "./stage-data";
import type { ThreadLink } from "./thread-link";
import type { ThreadError } from "./thread-error";

/** What a background thread knows from its beginning. */
export interface BackgroundSetUp {
  readonly catalogue: Catalogue;
  readonly quality: QualityOptions;
  readonly stages: readonly StageData[];
  /** Items that it keeps ready. */
  readonly count: number;
}

/** To the thread. `pass` counts the epochs that were begun. It works on one after the other. */
export type ToBackground = { readonly pass: number } & (
  | { readonly kind: "begin"; readonly plan: EpochPlan }
  /** In answer to `want`: one, and those that come next without anybody being asked. */
  | { readonly kind: "parts"; readonly parts: readonly (FileRecords | Part)[] }
  /** There are no more parts. */
  | { readonly kind: "last" }
  /** So many items more may be sent. */
  | { readonly kind: "taken"; readonly items: number }
  /** Nobody takes more of it, at its end, too. */
  | { readonly kind: "stop" }
);

export type BackgroundLink = ThreadLink<ToBackground, FromBackground>;

export type FromBackground = { readonly pass: number } &
  /** More parts. */
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
