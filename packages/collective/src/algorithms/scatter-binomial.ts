import { assert } from "@tsmpi/protocol";
import { defineScatter } from "../algorithm";
import { placeInTree, subtreeOf, treeRounds } from "../binomial-tree";
import { packBlocks, packedBytes, unpackBlocks } from "../block-list";

/**
 * Binomial scatter: each rank gets the blocks of its whole subtree in one message and passes them on. The root sends log2(p)
 * messages instead of p − 1: for small blocks. Blocks may differ in length.
 *
 *               rank 0     rank 1   rank 2   rank 3
 *     start     a b c d
 *     step 1    a b                 c d                 0 -> 2
 *     step 2    a          b        c        d          0 -> 1, 2 -> 3
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const scatterBinomial = defineScatter({
  name: "binomial",
  cost: {
    steps: treeRounds,
    sends: ({ rank, size, root, count }) =>
      placeInTree(rank, size, root).children.map((child) => {
        const { length } = subtreeOf(child, size, root);
        const bytes = packedBytes(length, length * count);
        return { to: child, messages: 1, bytes };
      }),
  },

  async run(channel, blocks, root) {
    const { rank, size } = channel;
    const { parent, children } = placeInTree(rank, size, root);
    const ranks = subtreeOf(rank, size, root);
    assert(
      parent !== null || blocks?.length === size,
      "the root of a scatter has no block a rank",
    );
    const held =
      parent === null
        ? ranks.map((dest) => blocks![dest]!)
        : unpackBlocks(await channel.receive(parent), ranks.length);
    await Promise.all(
      children.map((child) => {
        const start = (child - rank + size) % size;
        const { length } = subtreeOf(child, size, root);
        return channel.send(
          child,
          packBlocks(held.slice(start, start + length)),
        );
      }),
    );
    // A copy, so that our block does not keep those of the others alive; a leaf's message is its block.
    const isAlone = parent !== null && ranks.length === 1;
    return isAlone ? held[0]! : Uint8Array.from(held[0]!);
  },
});
