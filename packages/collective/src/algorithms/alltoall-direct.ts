import {
  defineDirect,
  type DirectCall,
} from "../shared-segment/direct-algorithm";
import { exchangeDirect, type Shown } from "../shared-segment/exchange";
import { ranksOf, type SharedSegment } from "../shared-segment/segment";
import type { Steps } from "../shared-segment/steps";

export interface DirectAlltoall extends DirectCall {
  /** Block r is for rank r. Null: this rank has nothing to give. */
  readonly blocks: readonly Uint8Array[] | null;
  /** Ranks that have: all of them, or a root. */
  readonly givers: readonly number[];
  /** Where the block from each giver goes; null: to memory of its own. */
  readonly into: readonly Uint8Array[] | null;
  /** Of every block; null: they differ, and givers tell their lengths. */
  readonly blockBytes: number | null;
  /** Every block has the length of its place: all have one length, or go to memory of their own. */
  readonly fitsForSure: boolean;
}

/**
 * Alltoall in memory that all ranks see: each rank shows its blocks, each takes those that are for it. Where a block may not fit
 * each rank tells what lengths it expects, and then those of its blocks; if two differ, all ranks make the call over the network,
 * where it fails.
 */
export const alltoallDirect = defineDirect({
  collective: "alltoall",
  run: alltoall,
});

/** Scatter: the same, and only the root has blocks to show. */
export const scatterDirect = defineDirect({
  collective: "scatter",
  run: alltoall,
});

function* alltoall(
  segment: SharedSegment,
  { blocks, givers, into, blockBytes, fitsForSure, ...call }: DirectAlltoall,
): Steps<{ received: readonly Uint8Array[] } | false> {
  const { rank: own, size } = segment.block;
  const ranks = ranksOf(segment.block);
  const expected = fitsForSure ? [] : lengthsOf(into!);
  const given = blockBytes === null && blocks ? lengthsOf(blocks) : [];
  const oneLength = new Array<number>(size).fill(blockBytes ?? 0);
  let received: Uint8Array[] = [];
  const isMade = yield* exchangeDirect(segment, {
    ...call,
    lengths: [...expected, ...given],
    shown: blocks ?? [],
    plan(shown) {
      const allGiven = givers.map((rank) =>
        blockBytes === null
          ? givenBy(shown, rank, expected.length, size)
          : oneLength,
      );
      const isRight = (taker: number): boolean =>
        shown
          .lengthsOf(taker, expected.length)
          .every((length, i) => length === allGiven[i]![taker]);
      if (!fitsForSure && !ranks.every(isRight)) return null;
      const fetches = givers.map((rank, i) => {
        const lengths = allGiven[i]!;
        const start = lengths
          .slice(0, own)
          .reduce((sum, length) => sum + length, 0);
        return {
          ...{ rank, start },
          target: into?.[i] ?? new Uint8Array(lengths[own]!),
        };
      });
      received = fetches.map(({ target }) => target);
      return fetches;
    },
  });
  return isMade && { received };
}

const lengthsOf = (blocks: readonly Uint8Array[]): number[] =>
  blocks.map(({ byteLength }) => byteLength);

/** The lengths of a rank's blocks, behind those that it expects. */
const givenBy = (
  shown: Shown,
  rank: number,
  expected: number,
  size: number,
): readonly number[] => [
  ...shown.lengthsOf(rank, expected + size).subarray(expected),
];
