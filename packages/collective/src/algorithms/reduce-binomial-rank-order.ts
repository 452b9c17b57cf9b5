import { bytesOf } from "@tsmpi/protocol";
import { defineReduce } from "../algorithm";
import { asElements } from "../as-elements";
import { placeInTree, treeRounds } from "../binomial-tree";

/**
 * Binomial reduce in rank order: the tree has rank 0 at its top, whatever the root, so that subtrees are neighbours; rank 0
 * sends the result to the root. For small buffers, many ranks and an op that is not commutative.
 *
 *               rank 0   rank 1   rank 2   rank 3
 *     start     a0       a1       a2       a3
 *     step 1    a01               a23                  1 -> 0, 3 -> 2
 *     step 2    a0123                                  2 -> 0
 *     step 3                               a0123       0 -> 3, the root
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const reduceBinomialRankOrder = defineReduce({
  name: "binomial-rank-order",
  inRankOrder: true,
  cost: {
    steps: (size) => (size === 1 ? 0 : treeRounds(size) + 1),
    sends({ rank, size, root, count, elementBytes }) {
      const to = placeInTree(rank, size, 0).parent ?? root;
      const bytes = count * elementBytes;
      return to === rank ? [] : [{ to, messages: 1, bytes }];
    },
  },

  async run(channel, buffer, reduce, root) {
    const { rank, size } = channel;
    const { parent, children } = placeInTree(rank, size, 0);
    for (const child of [...children].reverse())
      reduce(buffer, buffer, asElements(await channel.receive(child), buffer));
    const dest = parent ?? root;
    if (dest !== rank) await channel.send(dest, bytesOf(buffer));
    if (rank === root && parent !== null)
      bytesOf(buffer).set(await channel.receive(0));
  },
});
