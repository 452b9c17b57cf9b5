import { defineBarrier } from "../algorithm";
import { sendReceive } from "../point-to-point";

const NOTHING = new Uint8Array(0);

/**
 * Dissemination barrier: in round k each rank tells the one 2^k to its right. After log2(p) rounds everyone has heard of everyone.
 *
 *               rank 0   rank 1   rank 2   rank 3
 *     round 0   0 3      1 0      2 1      3 2          r -> r + 1
 *     round 1   0 3 2 1  1 0 3 2  2 1 0 3  3 2 1 0      r -> r + 2
 *
 * Source: Hensgen, Finkel and Manber, Int. J. Parallel Program. 17(1), 1988. doi:10.1007/BF01379320
 */
export const barrierDissemination = defineBarrier({
  name: "dissemination",
  cost: {
    steps: (size) => Math.ceil(Math.log2(size)),
    sends: ({ rank, size }) =>
      distances(size).map((distance) => ({
        to: (rank + distance) % size,
        messages: 1,
        bytes: 0,
      })),
  },

  async run(channel) {
    const { rank, size } = channel;
    for (const distance of distances(size))
      await sendReceive(channel, {
        dest: (rank + distance) % size,
        bytes: NOTHING,
        source: (rank + size - distance) % size,
      });
  },
});

const distances = (size: number): number[] =>
  Array.from({ length: Math.ceil(Math.log2(size)) }, (_, round) => 2 ** round);
