import { defineGather } from "../algorithm";
import { placeInTree, subtreeOf, treeRounds } from "../binomial-tree";
import { packBlocks, packedBytes, unpackBlocks } from "../block-list";

/**
 * Binomial gather: the broadcast's tree, walked from the leaves to the root; each rank sends what its whole subtree has, in one
 * message. The root receives log2(p) messages instead of p − 1: for small blocks. Blocks may differ in length.
 *
 *               rank 0     rank 1   rank 2   rank 3
 *     start     a          b        c        d
 *     step 1    a b                 c d                 1 -> 0, 3 -> 2
 *     step 2    a b c d                                 2 -> 0
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const gatherBinomial = defineGather({
  name: "binomial",
  cost: {
    steps: treeRounds,
    sends({ rank, size, root, count }) {
      const { parent } = placeInTree(rank, size, root);
      if (parent === null) return [];
      const { length } = subtreeOf(rank, size, root);
      const bytes = packedBytes(length, length * count);
      return [{ to: parent, messages: 1, bytes }];
    },
  },

  async run(channel, bytes, root) {
    const { rank, size } = channel;
    const { parent, children } = placeInTree(rank, size, root);
    const subtrees = await Promise.all(
      [...children].reverse().map(async (child) => {
        const { length } = subtreeOf(child, size, root);
        return unpackBlocks(await channel.receive(child), length);
      }),
    );
    if (parent !== null) {
      await channel.send(parent, packBlocks([bytes, ...subtrees.flat()]));
      return null;
    }
    const blocks: Uint8Array[] = Array.from({ length: size });
    [Uint8Array.from(bytes), ...subtrees.flat()].forEach((block, i) => {
      blocks[(root + i) % size] = block;
    });
    return blocks;
  },
});
