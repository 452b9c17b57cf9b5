import type { Wanted, WantedCompression } from "@tsmpi/worker";
import type { Way } from "../exchange/way";
import type { Tunable } from "../options";
import { ROUNDS } from "./decide";

/** What autotune chooses between. Of each list the first is where it begins. */
export interface Space {
  /** What would be used without autotune. */
  readonly start: Way;
  readonly algorithm: readonly Wanted<"allreduce">[];
  readonly bucketBytes: readonly number[];
  readonly compression: readonly WantedCompression[];
}

/**
 * What can differ at all. What the user has fixed is not varied: an algorithm that is forced, a bucket that is given. Of
 * compressions there are only those that the user has named: they change what is computed.
 *
 * @param algorithms all-reduces that send messages
 * @param totalBytes of all gradients: larger buckets are no others
 * @param isForced `start` has an algorithm that was asked for
 */
export function spaceOf({
  start,
  algorithms,
  totalBytes,
  isForced,
  tunable,
}: {
  readonly start: Way;
  readonly algorithms: readonly Wanted<"allreduce">[];
  readonly totalBytes: number;
  readonly isForced: boolean;
  readonly tunable: Tunable;
}): Space {
  const others = tunable.bucketBytes.filter((bytes) => bytes < totalBytes);
  return {
    start,
    algorithm: unique([start.algorithm, ...(isForced ? [] : algorithms)]),
    bucketBytes: unique([start.bucketBytes, ...others]),
    compression: unique(["none", ...tunable.compressions]),
  };
}

/** Trials at the most: see `decide`. */
export function mostTrials(space: Space): number {
  const { algorithm, bucketBytes, compression } = space;
  const ways = algorithm.length + bucketBytes.length + compression.length - 2;
  if (ways === 1) return 1;
  // Of the start, if no coordinate comes by it; and of the last two in turns.
  return ways + (space.start.compression === "none" ? 0 : 1) + 2 * ROUNDS;
}

const unique = <T>(list: readonly T[]): T[] => [...new Set(list)];
