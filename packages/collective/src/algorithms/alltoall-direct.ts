import {
  defineDirect,
  type DirectCall,
} from "../shared-segment/direct-algorithm";
import {
  exchangeDirect,
  lengthsBytes,
  lengthsOf,
} from "../shared-segment/exchange";
import type { SharedSegment } from "../shared-segment/segment";
import type { Steps } from "../shared-segment/steps";

export interface DirectAlltoall extends DirectCall {
  /** Block r is for rank r. Null: this rank has nothing to give. */
  readonly blocks: readonly Uint8Array[] | null;
  /** Ranks that have: all of them, or a root. */
  readonly givers: readonly number[];
  /** Where the block from each giver goes; null: to memory of its own. */
  readonly into: readonly Uint8Array[] | null;
  /** Of every block; null: they differ, and their lengths travel in front of them. */
  readonly blockBytes: number | null;
}

/** Alltoall in memory that all ranks see: each rank shows its blocks, each takes those that are for it. */
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
  { blocks, givers, into, blockBytes, ...call }: DirectAlltoall,
): Steps<{ received: readonly Uint8Array[] } | false> {
  const { rank: own, size } = segment.block;
  const header = blockBytes === null ? [lengthsOf(blocks ?? [])] : [];
  let received: Uint8Array[] = [];
  const isMade = yield* exchangeDirect(segment, {
    ...call,
    shown: blocks ? [...header, ...blocks] : [],
    plan(shown) {
      const fetches = givers.map((rank, i) => {
        const lengths =
          blockBytes === null
            ? shown.lengthsOf(rank)
            : new Array<number>(size).fill(blockBytes);
        const before = lengths
          .slice(0, own)
          .reduce((sum, length) => sum + length, 0);
        const target = into?.[i] ?? new Uint8Array(lengths[own]!);
        return {
          rank,
          start: before + (blockBytes === null ? lengthsBytes(size) : 0),
          target,
        };
      });
      received = fetches.map(({ target }) => target);
      return fetches;
    },
  });
  return isMade && { received };
}
