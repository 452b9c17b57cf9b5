import { bytesOf } from "@tsmpi/protocol";
import { defineReduce } from "../algorithm";
import { asElements } from "../as-elements";
import { placeInTree, treeRounds } from "../binomial-tree";

/**
 * Binomial reduce: the broadcast's tree, walked from the leaves to the root.
 *
 *               rank 0   rank 1   rank 2   rank 3
 *     start     a0       a1       a2       a3
 *     step 1    a01               a23                  1 -> 0, 3 -> 2
 *     step 2    a0123                                  2 -> 0
 *
 * A rank adds its children in a fixed order, smallest subtree first, so that the same inputs give the same bits.
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const reduceBinomial = defineReduce({
  name: "binomial",
  inRankOrder: false,
  cost: {
    steps: treeRounds,
    sends({ rank, size, root, count, elementBytes }) {
      const { parent } = placeInTree(rank, size, root);
      const bytes = count * elementBytes;
      return parent === null ? [] : [{ to: parent, messages: 1, bytes }];
    },
  },

  async run(channel, buffer, reduce, root) {
    const { parent, children } = placeInTree(channel.rank, channel.size, root);
    for (const child of [...children].reverse())
      reduce(buffer, buffer, asElements(await channel.receive(child), buffer));
    if (parent !== null) await channel.send(parent, bytesOf(buffer));
  },
});
