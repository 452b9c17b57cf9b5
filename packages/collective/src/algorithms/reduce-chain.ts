import { bytesOf } from "@tsmpi/protocol";
import { defineReduce } from "../algorithm";
import { asElements } from "../as-elements";
import { SegmentedBuffer } from "../segmented-buffer";
import { segmentTraffic } from "../segments";

/**
 * Chain reduce: from both ends towards the root, each rank adds its own to what comes and passes it on, segment by segment, so
 * that all are busy at the same time. Nobody sends more than the buffer. Best for large buffers.
 *
 *               rank 0    rank 1    rank 2    rank 3
 *     start     a0        a1        a2        a3
 *     step 1              a01       a23                  0 -> 1, 3 -> 2; root 2
 *     step 2                        a0123                1 -> 2
 *
 * Source: Pješivac-Grbović et al., Cluster Comput. 10(2), 2007. doi:10.1007/s10586-007-0012-0
 */
export const reduceChain = defineReduce({
  name: "chain",
  inRankOrder: true,
  cost: {
    // With the root at an end; half of it in the middle.
    steps: (size) => size - 1,
    sends: ({ rank, root, count, elementBytes }) =>
      rank === root
        ? []
        : [
            {
              to: towards(root, rank),
              ...segmentTraffic([{ start: 0, end: count }], elementBytes),
            },
          ],
  },

  async run(channel, buffer, reduce, root) {
    const { rank, size } = channel;
    const segmented = new SegmentedBuffer(channel, buffer, reduce.unit);
    for (const own of segmented.segments(segmented.whole)) {
      if (rank > 0 && rank <= root)
        reduce(own, asElements(await channel.receive(rank - 1), own), own);
      if (rank < size - 1 && rank >= root)
        reduce(own, own, asElements(await channel.receive(rank + 1), own));
      if (rank !== root) await channel.lend(towards(root, rank), bytesOf(own));
    }
  },
});

const towards = (root: number, rank: number): number =>
  rank < root ? rank + 1 : rank - 1;
