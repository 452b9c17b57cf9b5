import { defineGather } from "../algorithm";

/**
 * Linear gather: every rank sends its bytes to the root, which keeps them in rank order. Nothing travels twice.
 *
 *               rank 0      rank 1   rank 2
 *     start     a           b        c
 *     step 1    a b c                            1 -> 0, 2 -> 0
 *
 * Source: Chan, Heimlich, Purkayastha and van de Geijn, Concurr. Comput. 19(13), 2007, section 2. doi:10.1002/cpe.1206
 */
export const gatherLinear = defineGather({
  name: "linear",
  cost: {
    steps: (size) => (size === 1 ? 0 : 1),
    sends: ({ rank, root, count, elementBytes }) =>
      rank === root
        ? []
        : [{ to: root, messages: 1, bytes: count * elementBytes }],
  },

  async run(channel, bytes, root) {
    const { rank, size } = channel;
    if (rank !== root) {
      await channel.send(root, bytes);
      return null;
    }
    return Promise.all(
      Array.from({ length: size }, (_, source) =>
        source === root
          ? Promise.resolve(Uint8Array.from(bytes))
          : channel.receive(source),
      ),
    );
  },
});
