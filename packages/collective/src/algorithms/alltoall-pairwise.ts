import { assert } from "@tsmpi/protocol";
import { defineAlltoall } from "../algorithm";
import { sendReceive } from "../point-to-point";

/**
 * Pairwise alltoall: in step k each rank sends to the one k to its right and receives from the one k to its left.
 * No block travels twice, and no rank receives from two at once. Blocks may differ in length.
 *
 *               rank 0      rank 1      rank 2
 *     start     00 01 02    10 11 12    20 21 22      12: the block of rank 1 for rank 2
 *     step 1    00 .  20    01 11 .     .  12 22      r -> r + 1
 *     step 2    00 10 20    01 11 21    02 12 22      r -> r + 2
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const alltoallPairwise = defineAlltoall({
  name: "pairwise",
  equalBlocks: false,
  cost: {
    steps: (size) => size - 1,
    sends: ({ rank, size, count }) =>
      Array.from({ length: size }, (_, to) => ({
        to,
        messages: 1,
        bytes: count,
      })).filter(({ to }) => to !== rank),
  },

  async run(channel, blocks) {
    const { rank, size } = channel;
    assert(blocks.length === size, "an alltoall has no block a rank");
    const result: Uint8Array[] = Array.from({ length: size });
    result[rank] = Uint8Array.from(blocks[rank]!);
    for (let step = 1; step < size; step++) {
      const dest = (rank + step) % size;
      const source = (rank + size - step) % size;
      result[source] = await sendReceive(channel, {
        dest,
        bytes: blocks[dest]!,
        source,
      });
    }
    return result;
  },
});
