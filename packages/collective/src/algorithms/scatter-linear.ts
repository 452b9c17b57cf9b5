import { assert } from "@tsmpi/protocol";
import { defineScatter } from "../algorithm";

/**
 * Linear scatter: the root sends each rank its block. Nothing travels twice.
 *
 *               rank 0      rank 1   rank 2
 *     start     a b c
 *     step 1    a           b        c           0 -> 1, 0 -> 2
 *
 * Source: Chan, Heimlich, Purkayastha and van de Geijn, Concurr. Comput. 19(13), 2007, section 2. doi:10.1002/cpe.1206
 */
export const scatterLinear = defineScatter({
  name: "linear",
  cost: {
    steps: (size) => (size === 1 ? 0 : 1),
    sends: ({ rank, size, root, count, elementBytes }) =>
      rank === root
        ? others(size, root).map((to) => ({
            to,
            messages: 1,
            bytes: count * elementBytes,
          }))
        : [],
  },

  async run(channel, blocks, root) {
    const { rank, size } = channel;
    if (rank !== root) return channel.receive(root);
    assert(
      blocks?.length === size,
      "the root of a scatter has no block a rank",
    );
    await Promise.all(
      others(size, root).map((peer) => channel.send(peer, blocks[peer]!)),
    );
    return Uint8Array.from(blocks[root]!);
  },
});

const others = (size: number, root: number): number[] =>
  Array.from({ length: size }, (_, rank) => rank).filter((r) => r !== root);
