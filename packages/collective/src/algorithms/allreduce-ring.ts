import { defineAllreduce } from "../algorithm";
import { Ring } from "../ring";
import { SegmentedBuffer } from "../segmented-buffer";
import { cut, segmentTraffic } from "../segments";

/**
 * Ring allreduce: a reduce-scatter around the ring, then an allgather around the ring.
 * No rank sends more than twice the buffer, however many ranks there are. Best for large buffers; for small ones the 2(p − 1) steps dominate.
 *
 *                     rank 0           rank 1           rank 2
 *     start           a0  b0  c0       a1  b1  c1       a2  b2  c2
 *     reduce-scatter  a0  b02 c0       a1  b1  c01      a12 b2  c2
 *                     a012 b02 c0      a1  b012 c01     a12 b2  c012
 *     allgather       a012 b02 c012    a012 b012 c01    a12 b012 c012
 *                     a012 b012 c012   a012 b012 c012   a012 b012 c012
 *
 * Blocks travel in segments, each passed on as soon as it has been reduced. Every block is reduced along one path, so all ranks
 * end with the same bits.
 *
 * Source: Patarasuk and Yuan, J. Parallel Distrib. Comput. 69(2), 2009. doi:10.1016/j.jpdc.2008.09.002
 */
export const allreduceRing = defineAllreduce({
  name: "ring",
  inRankOrder: false,
  cost: {
    steps: (size) => 2 * (size - 1),
    // Everything but one block in each half: what arrives last there is not passed on.
    sends({ rank, size, count, elementBytes }) {
      if (size === 1) return [];
      const right = (rank + 1) % size;
      const blocks = cut({ start: 0, end: count }, size);
      const sent = [
        ...blocks.filter((_, owner) => owner !== rank),
        ...blocks.filter((_, owner) => owner !== right),
      ];
      return [{ to: right, ...segmentTraffic(sent, elementBytes) }];
    },
  },

  async run(channel, buffer, reduce) {
    if (channel.size === 1) return;
    const segmented = new SegmentedBuffer(channel, buffer, reduce.unit);
    const ring = new Ring(
      segmented,
      cut(segmented.whole, channel.size, reduce.unit),
    );
    await ring.reduceScatter(reduce, { finished: (own) => ring.pass(own) });
    await ring.allgather();
    await ring.flushed();
  },
});
