import type { EpochAccount } from "./accounting/epoch-account";
import type { Part } from "./epoch/read-part";
import type { RawRecords } from "./records/raw-records";

/** Records of one of a dataset's files, by its number in the catalogue. */
export interface FileRecords {
  readonly file: number;
  readonly records: RawRecords;
}

/**
 * Where a rank's records come from: the one difference between a dataset of one process and those whose records are dealt out to
 * ranks (`scatter`, `assigned`, `dynamic`). Every rank asks for every epoch, in turn; for the next one it may ask while one is under
 * way.
 */
export interface Feed {
  /** This rank's of a whole epoch, where that is known before. */
  readonly records?: number | null;
  epoch(plan: EpochPlan): EpochFeed;
}

/** What all ranks agree on before an epoch. */
export interface EpochPlan {
  readonly epoch: number;
  readonly seed: number;
  /** Files and parts of files in another order each epoch. */
  readonly isShuffled: boolean;
  /** Records that a run before this one was through with, all ranks together. */
  readonly seen: RecordSet;
  /**
   * Whether an epoch may end later than this rank has had its last record: when no other rank can be lost with records that would
   * then be this one's. Not where ranks make collective calls between their records, as training does.
   */
  readonly waits: boolean;
}

/**
 * This rank's records of an epoch: themselves, or parts of files, of which this rank then reads the records that have not been seen.
 * No rank gets a record that another one gets, and each record is got by one. The bytes of records may be gone when the next are
 * asked for.
 */
export interface EpochFeed extends AsyncIterable<FileRecords | Part> {
  /** So many of those that come next are known: they can be had without asking anybody. Default 0. */
  readonly ready?: number;
  /**
   * The program is at work on these, and through with those before. What a rank was fed and its program was not through with when
   * it is lost goes to others, where the feed can do that.
   *
   * @param ids by `recordId`
   */
  delivered(ids: readonly number[]): void;
  /** The pipeline has left these out: nobody needs them. */
  dropped?(ids: readonly number[]): void;
  /**
   * The program asks for no more of this epoch, of which it was not given all.
   *
   * @param account of what it was given
   */
  left?(account: EpochAccount, why: Leaving): void;
  /** The program has been given all that there is for this rank. @throws it cannot be all of its epoch */
  complete?(): Promise<void>;
  /** The program is through with all that it was given, and asks for no more of this epoch. */
  ended?(account: EpochAccount): void;
}

/** It has as much as it wanted, as with `take`; or something came up; or it was only read ahead, and did not begin. */
export type Leaving = "enough" | "early" | "unbegun";

/** Which records: of each file, by its number, the ends of runs in ascending order: from, to (exclusive), from, to … */
export type RecordSet = Readonly<Record<number, readonly number[]>>;

const RECORDS_OF_A_FILE = 2 ** 32;

/** One number for a record of a dataset: of up to 2^21 files with up to 2^32 records each. */
export const recordId = (file: number, record: number): number =>
  file * RECORDS_OF_A_FILE + record;

export const fileOf = (id: number): number =>
  Math.floor(id / RECORDS_OF_A_FILE);

export const recordOf = (id: number): number => id % RECORDS_OF_A_FILE;
