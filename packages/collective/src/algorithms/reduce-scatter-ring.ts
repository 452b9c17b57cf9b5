import { defineReduceScatter } from "../algorithm";
import { Ring } from "../ring";
import { SegmentedBuffer } from "../segmented-buffer";
import { consecutive, cut, segmentTraffic } from "../segments";

/**
 * Ring reduce-scatter: each block starts right of its owner and goes around, every rank adds its own, and it ends at its owner.
 * Each rank talks to its neighbours alone and sends less than the buffer. Best for large buffers.
 *
 *               rank 0         rank 1         rank 2
 *     start     a0  b0  c0     a1  b1  c1     a2  b2  c2
 *     step 1        b02                    c01     a12
 *     step 2    a012               b012                   c012
 *
 * Source: Patarasuk and Yuan, J. Parallel Distrib. Comput. 69(2), 2009. doi:10.1016/j.jpdc.2008.09.002
 */
export const reduceScatterRing = defineReduceScatter({
  name: "ring",
  inRankOrder: false,
  cost: {
    steps: (size) => size - 1,
    sends({ rank, size, count, elementBytes }) {
      if (size === 1) return [];
      const others = cut({ start: 0, end: count }, size).filter(
        (_, owner) => owner !== rank,
      );
      return [
        { to: (rank + 1) % size, ...segmentTraffic(others, elementBytes) },
      ];
    },
  },

  async run(channel, buffer, counts, reduce) {
    const segmented = new SegmentedBuffer(channel, buffer, reduce.unit);
    const ring = new Ring(segmented, consecutive(counts));
    await ring.reduceScatter(reduce);
    await ring.flushed();
  },
});
