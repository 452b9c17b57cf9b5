import { join } from "node:path";

/** What `runRanks` wants of each rank. Goes through a folder that only this user can read. */
export interface RankCall {
  /** Of the function that the module exports. */
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What came of it: the value encoded. */
export type RankOutcome =
  { readonly value: Uint8Array } | { readonly error: ThrownError };

export interface ThrownError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Of an error of tsmpi, or of Node. */
  readonly code: string | null;
}

export const callFile = (folder: string): string => join(folder, "call");

export const outcomeFile = (folder: string, rank: number): string =>
  join(folder, `outcome.${rank}`);
