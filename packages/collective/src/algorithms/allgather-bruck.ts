import { defineAllgather } from "../algorithm";
import { packBlocks, packedBytes, unpackBlocks } from "../block-list";
import { sendReceive } from "../point-to-point";

/**
 * Bruck's allgather: in round k each rank sends the 2^k blocks that it has to the one 2^k to its left. Fewest steps, log2(p),
 * for any number of ranks, and no more bytes than the ring, but blocks are copied on the way. Blocks may differ in length.
 *
 *                rank 0     rank 1     rank 2
 *     start      a          b          c
 *     round 0    a b        b c        c a          r -> r − 1
 *     round 1    a b c      b c a      c a b        r -> r − 2, of one block
 *
 * Source: Bruck, Ho, Kipnis, Upfal and Weathersby, IEEE Trans. Parallel Distrib. Syst. 8(11), 1997. doi:10.1109/71.642949
 */
export const allgatherBruck = defineAllgather({
  name: "bruck",
  cost: {
    steps: (size) => Math.ceil(Math.log2(size)),
    sends: ({ rank, size, count }) =>
      rounds(size).map(({ distance, blocks }) => ({
        to: (rank + size - distance) % size,
        messages: 1,
        bytes: packedBytes(blocks, blocks * count),
      })),
  },

  async run(channel, bytes) {
    const { rank, size } = channel;
    /** Our own, then those of the ranks to our right. */
    const held: Uint8Array[] = [Uint8Array.from(bytes)];
    for (const { distance, blocks } of rounds(size)) {
      const received = await sendReceive(channel, {
        dest: (rank + size - distance) % size,
        bytes: packBlocks(held.slice(0, blocks)),
        source: (rank + distance) % size,
      });
      held.push(...unpackBlocks(received, blocks));
    }
    return held.map((_, source) => held[(source - rank + size) % size]!);
  },
});

/** How far each round goes, and how many blocks it carries. */
function rounds(size: number): { distance: number; blocks: number }[] {
  const all = [];
  for (let distance = 1; distance < size; distance *= 2)
    all.push({ distance, blocks: Math.min(distance, size - distance) });
  return all;
}
