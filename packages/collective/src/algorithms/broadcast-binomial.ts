import { assert } from "@tsmpi/protocol";
import { defineBroadcast } from "../algorithm";
import { placeInTree, treeRounds } from "../binomial-tree";

/**
 * Binomial broadcast: whoever has the bytes passes them on, so the number of ranks that have them doubles at every step.
 *
 *               rank 0   rank 1   rank 2   rank 3
 *     start     a
 *     step 1    a                 a                    0 -> 2
 *     step 2    a        a        a        a           0 -> 1, 2 -> 3
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const broadcastBinomial = defineBroadcast({
  name: "binomial",
  cost: {
    steps: treeRounds,
    sends: ({ rank, size, root, count, elementBytes }) =>
      placeInTree(rank, size, root).children.map((to) => ({
        to,
        messages: 1,
        bytes: count * elementBytes,
      })),
  },

  async run(channel, bytes, root) {
    const { parent, children } = placeInTree(channel.rank, channel.size, root);
    const own = parent === null ? bytes : await channel.receive(parent);
    assert(own !== null, "the root of a broadcast has no bytes");
    await Promise.all(children.map((child) => channel.send(child, own)));
    return own;
  },
});
