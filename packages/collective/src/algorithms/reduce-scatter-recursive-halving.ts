import type { Block } from "@tsmpi/protocol";
import { defineReduceScatter } from "../algorithm";
import {
  type FoldedRanks,
  foldedSteps,
  foldRanks,
  partnersOf,
} from "../folded-ranks";
import {
  combineHigher,
  combineLower,
  replace,
  SegmentedBuffer,
} from "../segmented-buffer";
import { consecutive, cut, segmentTraffic } from "../segments";

/**
 * Recursive halving reduce-scatter: in each round the ranks that still work together part into a lower and an upper half, and
 * each rank gives its partner in the other half all that belongs there. The ring's bytes in log2(p) steps: for small buffers.
 *
 *                rank 0         rank 1         rank 2         rank 3
 *     start      a0 b0 c0 d0    a1 b1 c1 d1    a2 b2 c2 d2    a3 b3 c3 d3
 *     round 0    a02 b02        a13 b13        c02 d02        c13 d13         0 <-> 2, 1 <-> 3
 *     round 1    a0123          b0123          c0123          d0123           0 <-> 1, 2 <-> 3
 *
 * When p is no power of two, the first 2(p − 2^k) ranks pair up before and after: the odd ones work for both.
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const reduceScatterRecursiveHalving = defineReduceScatter({
  name: "recursive-halving",
  // Ranks that are far apart come first.
  inRankOrder: false,
  cost: {
    steps: foldedSteps,
    sends({ rank, size, count, elementBytes }) {
      const folded = foldRanks(rank, size);
      const whole = { start: 0, end: count };
      const blocks = cut(whole, size);
      const link = (to: number, block: Block) => ({
        to,
        ...segmentTraffic([block], elementBytes),
      });
      if (folded.active === null) return [link(rank + 1, whole)];
      return [
        ...halvings(folded, folded.active, blocks).map(({ peer, given }) =>
          link(peer, given),
        ),
        ...(folded.ward === null
          ? []
          : [link(folded.ward, blocks[folded.ward]!)]),
      ];
    },
  },

  async run(channel, buffer, counts, reduce) {
    const { rank, size } = channel;
    const folded = foldRanks(rank, size);
    const { active, ward } = folded;
    const segmented = new SegmentedBuffer(channel, buffer, reduce.unit);
    const { whole } = segmented;
    const blocks = consecutive(counts);

    if (active === null) {
      await segmented.send(rank + 1, whole);
      await segmented.receive(rank + 1, blocks[rank]!, replace);
      return;
    }
    if (ward !== null)
      await segmented.receive(ward, whole, combineLower(reduce));
    for (const { peer, kept, given } of halvings(folded, active, blocks)) {
      const combine = peer < rank ? combineLower : combineHigher;
      await segmented.exchange(
        { dest: peer, block: given },
        { source: peer, block: kept, take: combine(reduce) },
      );
    }
    if (ward !== null) await segmented.send(ward, blocks[ward]!);
  },
});

interface Halving {
  readonly peer: number;
  /** The blocks of the ranks in our half. */
  readonly kept: Block;
  readonly given: Block;
}

/** With whom an active rank exchanges, farthest first. */
const halvings = (
  { power, rankOf, firstOf }: FoldedRanks,
  active: number,
  blocks: readonly Block[],
): Halving[] =>
  partnersOf(active, power)
    .reverse()
    .map((partner, round) => {
      const length = power / 2 ** (round + 1);
      const half = (one: number): Block => {
        const first = one - (one % length);
        return {
          start: blocks[firstOf(first)]!.start,
          end: blocks[firstOf(first + length) - 1]!.end,
        };
      };
      return {
        peer: rankOf(partner),
        kept: half(active),
        given: half(partner),
      };
    });
