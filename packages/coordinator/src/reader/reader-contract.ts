import type {
  Catalogue,
  EpochPlan,
  FileIndex,
  Partition,
  Remainder,
} from "@tsmpi/data";
import type { CoordinatorMessage, RankMessage } from "@tsmpi/protocol";

/** What the program of rank 0 wants of the thread that reads files for all ranks. Plain data. */
export type ReaderOrder =
  /** What `read` means by this number. */
  | {
      readonly type: "catalogue";
      readonly dataset: number;
      readonly catalogue: Catalogue;
      /** What is where in the files, where somebody has looked. */
      readonly indexes: readonly (FileIndex | null)[] | null;
    }
  /** Stream the records of an epoch to these ranks. */
  | {
      readonly type: "read";
      readonly dataset: number;
      readonly stream: string;
      readonly plan: EpochPlan;
      readonly dests: readonly number[];
      /** Which of them gets which record. */
      readonly partition: Partition;
      readonly remainder: Remainder;
    };

/** In place of a rank: pieces come from the thread that reads, and credits go there. */
export const READER = -1;

/** Of the thread that reads, to the coordinator: as a rank would say it. */
export interface ReaderMessage {
  readonly message: RankMessage;
  readonly payload: Uint8Array | null;
}

/** To the thread that reads. */
export type ToReader = ReaderOrder | CoordinatorMessage;
