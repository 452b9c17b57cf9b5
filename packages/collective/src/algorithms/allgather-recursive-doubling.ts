import { defineAllgather } from "../algorithm";
import { packBlocks, packedBytes, unpackBlocks } from "../block-list";
import {
  type FoldedRanks,
  foldedSteps,
  foldRanks,
  partnersOf,
} from "../folded-ranks";
import { sendReceive } from "../point-to-point";

/**
 * Recursive doubling allgather: in round k each rank exchanges all that it has with the rank whose number differs in bit k.
 * Fewest steps for a power of two; partners are near in most rounds. Blocks may differ in length.
 *
 *                rank 0      rank 1      rank 2      rank 3
 *     start      a           b           c           d
 *     round 0    a b         a b         c d         c d          0 <-> 1, 2 <-> 3
 *     round 1    a b c d     a b c d     a b c d     a b c d      0 <-> 2, 1 <-> 3
 *
 * When p is no power of two, the first 2(p − 2^k) ranks pair up before and after: the odd ones work for both.
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const allgatherRecursiveDoubling = defineAllgather({
  name: "recursive-doubling",
  cost: {
    steps: foldedSteps,
    sends({ rank, size, count }) {
      const folded = foldRanks(rank, size);
      const { active, ward } = folded;
      const link = (to: number, blocks: number) => ({
        to,
        messages: 1,
        bytes: packedBytes(blocks, blocks * count),
      });
      if (active === null) return [link(rank + 1, 1)];
      return [
        ...exchanges(folded, active).map(({ peer, ours }) =>
          link(peer, ours.length),
        ),
        ...(ward === null ? [] : [link(ward, size)]),
      ];
    },
  },

  async run(channel, bytes) {
    const { rank, size } = channel;
    const folded = foldRanks(rank, size);
    const { active, ward } = folded;
    if (active === null) {
      await channel.send(rank + 1, bytes);
      return unpackBlocks(await channel.receive(rank + 1), size);
    }

    const blocks: Uint8Array[] = Array.from({ length: size });
    blocks[rank] = Uint8Array.from(bytes);
    if (ward !== null) blocks[ward] = await channel.receive(ward);
    for (const { peer, ours, theirs } of exchanges(folded, active)) {
      const received = await sendReceive(channel, {
        dest: peer,
        bytes: packBlocks(ours.map((source) => blocks[source]!)),
        source: peer,
      });
      unpackBlocks(received, theirs.length).forEach((block, i) => {
        blocks[theirs[i]!] = block;
      });
    }
    if (ward !== null) await channel.send(ward, packBlocks(blocks));
    return blocks;
  },
});

/** With whom an active rank exchanges, nearest first, and the ranks whose blocks each of the two has by then. */
const exchanges = (
  { power, rankOf, firstOf }: FoldedRanks,
  active: number,
): { peer: number; ours: number[]; theirs: number[] }[] =>
  partnersOf(active, power).map((partner, round) => {
    const held = (one: number): number[] => {
      const group = one - (one % 2 ** round);
      const first = firstOf(group);
      const length = firstOf(group + 2 ** round) - first;
      return Array.from({ length }, (_, i) => first + i);
    };
    return { peer: rankOf(partner), ours: held(active), theirs: held(partner) };
  });
