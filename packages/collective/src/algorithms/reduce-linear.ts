import { bytesOf } from "@tsmpi/protocol";
import { defineReduce } from "../algorithm";
import { asElements } from "../as-elements";

/**
 * Linear reduce: every rank sends its buffer to the root, which reduces them in rank order. One step, but the root takes in
 * p − 1 buffers: for few ranks and an op that is not commutative.
 *
 *               rank 0    rank 1    rank 2
 *     start     a0        a1        a2
 *     step 1    a0        a0 a1 a2  a2         0 -> 1, 2 -> 1; root 1
 *     reduce              a012
 *
 * Source: Chan, Heimlich, Purkayastha and van de Geijn, Concurr. Comput. 19(13), 2007, section 2. doi:10.1002/cpe.1206
 */
export const reduceLinear = defineReduce({
  name: "linear",
  inRankOrder: true,
  cost: {
    steps: (size) => (size === 1 ? 0 : 1),
    sends: ({ rank, root, count, elementBytes }) =>
      rank === root
        ? []
        : [{ to: root, messages: 1, bytes: count * elementBytes }],
  },

  async run(channel, buffer, reduce, root) {
    const { rank, size } = channel;
    if (rank !== root) return channel.send(root, bytesOf(buffer));
    const next = async (peer: number) =>
      asElements(await channel.receive(peer), buffer);
    if (root > 0) {
      const below = await next(0);
      for (let peer = 1; peer < root; peer++)
        reduce(below, below, await next(peer));
      reduce(buffer, below, buffer);
    }
    for (let peer = root + 1; peer < size; peer++)
      reduce(buffer, buffer, await next(peer));
  },
});
