import { defineAllgather } from "../algorithm";
import { sendReceive } from "../point-to-point";

/**
 * Ring allgather: at each step every rank passes to its right what it last got from its left. Blocks may differ in length.
 *
 *               rank 0   rank 1   rank 2
 *     start     a        b        c
 *     step 1    a c      a b      b c
 *     step 2    a b c    a b c    a b c
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const allgatherRing = defineAllgather({
  name: "ring",
  cost: {
    steps: (size) => size - 1,
    sends: ({ rank, size, count, elementBytes }) =>
      size === 1
        ? []
        : [
            {
              to: (rank + 1) % size,
              messages: size - 1,
              bytes: (size - 1) * count * elementBytes,
            },
          ],
  },

  async run(channel, bytes) {
    const { rank, size } = channel;
    const blocks: Uint8Array[] = Array.from({ length: size });
    let latest = Uint8Array.from(bytes);
    blocks[rank] = latest;
    for (let step = 1; step < size; step++) {
      latest = (await sendReceive(channel, {
        dest: (rank + 1) % size,
        bytes: latest,
        source: (rank + size - 1) % size,
      })) as typeof latest;
      blocks[(rank + size - step) % size] = latest;
    }
    return blocks;
  },
});
