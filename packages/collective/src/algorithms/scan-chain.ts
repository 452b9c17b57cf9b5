import { bytesOf } from "@tsmpi/protocol";
import { defineScan } from "../algorithm";
import { asElements } from "../as-elements";
import { SegmentedBuffer } from "../segmented-buffer";
import { segmentTraffic } from "../segments";

/**
 * Chain scan: each rank adds its own to what comes from its left and passes it on, segment by segment, so that all are busy
 * at the same time. No rank sends more than the buffer. Best for large buffers; for small ones the p − 1 steps dominate.
 *
 *                rank 0    rank 1    rank 2
 *     start      a0 b0     a1 b1     a2 b2
 *     step 1     a0 b0     a01 b1    a2 b2        a: 0 -> 1
 *     step 2     a0 b0     a01 b01   a012 b2      a: 1 -> 2, b: 0 -> 1
 *     step 3     a0 b0     a01 b01   a012 b012    b: 1 -> 2
 *
 * Source: Sanders and Träff, Euro PVM/MPI, LNCS 4192, 2006. doi:10.1007/11846802_15
 */
export const scanChain = defineScan({
  name: "chain",
  inRankOrder: true,
  cost: {
    steps: (size) => size - 1,
    sends: ({ rank, size, count, elementBytes }) =>
      rank === size - 1
        ? []
        : [
            {
              to: rank + 1,
              ...segmentTraffic([{ start: 0, end: count }], elementBytes),
            },
          ],
  },

  async run(channel, buffer, reduce) {
    const { rank, size } = channel;
    if (size === 1) return;
    const segmented = new SegmentedBuffer(channel, buffer, reduce.unit);
    for (const own of segmented.segments(segmented.whole)) {
      if (rank > 0)
        reduce(own, asElements(await channel.receive(rank - 1), own), own);
      if (rank < size - 1) await channel.lend(rank + 1, bytesOf(own));
    }
  },
});
