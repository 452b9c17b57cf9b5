import type { TypedArray } from "@tsmpi/protocol";
import { defineReduceScatter } from "../algorithm";
import {
  combineHigher,
  combineLower,
  SegmentedBuffer,
  type Take,
} from "../segmented-buffer";
import { consecutive, cut, segmentTraffic } from "../segments";

/**
 * Pairwise reduce-scatter: in step k each rank sends the block of the rank k to its right straight to it. No block travels twice.
 *
 *               rank 0         rank 1         rank 2
 *     start     a0  b0  c0     a1  b1  c1     a2  b2  c2
 *     step 1    a0 | a2        b01            c12              r -> r + 1
 *     step 2    a0 | a12       b01 | b2       c012             r -> r + 2
 *     end       a012           b012           c012
 *
 * The ranks below come in first, nearest first, then those above from the highest down: those are combined apart, and joined
 * to the others at the end. So only neighbours are combined.
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const reduceScatterPairwise = defineReduceScatter({
  name: "pairwise",
  inRankOrder: true,
  cost: {
    steps: (size) => size - 1,
    sends: ({ rank, size, count, elementBytes }) =>
      cut({ start: 0, end: count }, size)
        .map((block, to) => ({ to, ...segmentTraffic([block], elementBytes) }))
        .filter(({ to }) => to !== rank),
  },

  async run(channel, buffer, counts, reduce) {
    const { rank, size } = channel;
    const segmented = new SegmentedBuffer(channel, buffer, reduce.unit);
    const blocks = consecutive(counts);
    const own = blocks[rank]!;
    /** The ranks above, as far as they have come in: the segments of our block. */
    const above: TypedArray[] = [];
    const takeAbove: Take = (_, theirs, index) => {
      const sum = (above[index] ??= theirs);
      if (sum !== theirs) reduce(sum, theirs, sum);
    };

    for (let step = 1; step < size; step++) {
      const dest = (rank + step) % size;
      const source = (rank + size - step) % size;
      const take = source < rank ? combineLower(reduce) : takeAbove;
      await segmented.exchange(
        { dest, block: blocks[dest]! },
        { source, block: own, take },
      );
    }
    segmented.segments(own).forEach((segment, index) => {
      const theirs = above[index];
      if (theirs) combineHigher(reduce)(segment, theirs, index);
    });
  },
});
