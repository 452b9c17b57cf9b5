import { bytesOf } from "@tsmpi/protocol";
import { defineAllreduce } from "../algorithm";
import { asElements } from "../as-elements";

/**
 * Gather to root: rank 0 receives every buffer, reduces them in rank order and sends the result to all.
 * The parameter-server pattern. Two steps, but rank 0 carries 2(p − 1) buffers: the reference for the others, and right for
 * two ranks or buffers of a few bytes.
 *
 *               rank 0     rank 1    rank 2
 *     start     a0         a1        a2
 *     gather    a0 a1 a2   a1        a2
 *     reduce    a012
 *     send      a012       a012      a012
 *
 * Source: the definition; Chan, Heimlich, Purkayastha and van de Geijn, Concurr. Comput. 19(13), 2007, section 2. doi:10.1002/cpe.1206
 */
export const allreduceGatherRoot = defineAllreduce({
  name: "gather-root",
  inRankOrder: true,
  cost: {
    steps: (size) => (size === 1 ? 0 : 2),
    sends({ rank, size, count, elementBytes }) {
      const bytes = count * elementBytes;
      const peers = rank === 0 ? others(size) : [0];
      return peers.map((to) => ({ to, messages: 1, bytes }));
    },
  },

  async run(channel, buffer, reduce) {
    const { rank, size } = channel;
    const bytes = bytesOf(buffer);
    if (rank !== 0) {
      await channel.send(0, bytes);
      bytes.set(await channel.receive(0));
      return;
    }
    for (const peer of others(size))
      reduce(buffer, buffer, asElements(await channel.receive(peer), buffer));
    await Promise.all(others(size).map((peer) => channel.send(peer, bytes)));
  },
});

const others = (size: number): number[] =>
  Array.from({ length: size - 1 }, (_, i) => i + 1);
