import type { Block } from "@tsmpi/protocol";
import { defineAllreduce } from "../algorithm";
import { foldedSteps, foldRanks, partnersOf } from "../folded-ranks";
import {
  combineHigher,
  combineLower,
  replace,
  SegmentedBuffer,
} from "../segmented-buffer";
import { cut, segmentTraffic } from "../segments";

/**
 * Rabenseifner's allreduce: recursive halving, in which partners share the work on what both hold, then the same rounds
 * backwards to share the results. The ring's bytes in 2 log2(p) steps: for buffers that are large, but not for so many ranks.
 *
 *                rank 0         rank 1         rank 2         rank 3
 *     start      a0 b0 c0 d0    a1 b1 c1 d1    a2 b2 c2 d2    a3 b3 c3 d3
 *     halving    a01 b01        c01 d01        a23 b23        c23 d23         0 <-> 1, 2 <-> 3
 *                a03            c03            b03            d03             0 <-> 2, 1 <-> 3
 *     doubling   a03 b03        c03 d03        a03 b03        c03 d03
 *                a03 b03 c03 d03, everywhere                                  (a03: of ranks 0 to 3)
 *
 * When p is no power of two, the first 2(p − 2^k) ranks pair up before and after: the odd ones work for both.
 * The nearest ranks come first, so that neighbours are combined; each element is reduced in one place.
 *
 * Source: Rabenseifner, Int. Conf. on Computational Science, LNCS 3036, 2004. doi:10.1007/978-3-540-24685-5_1
 */
export const allreduceRabenseifner = defineAllreduce({
  name: "rabenseifner",
  inRankOrder: true,
  cost: {
    steps: (size) => foldedSteps(size) + Math.floor(Math.log2(size)),
    sends({ rank, size, count, elementBytes }) {
      const { power, active, ward, rankOf } = foldRanks(rank, size);
      const whole = { start: 0, end: count };
      const link = (to: number, blocks: readonly Block[]) => ({
        to,
        ...segmentTraffic(blocks, elementBytes),
      });
      if (active === null) return [link(rank + 1, [whole])];
      return [
        ...halvings(active, power, whole).map(({ partner, kept, given }) =>
          link(rankOf(partner), [kept, given]),
        ),
        ...(ward === null ? [] : [link(ward, [whole])]),
      ];
    },
  },

  async run(channel, buffer, reduce) {
    const { rank, size } = channel;
    const { power, active, ward, rankOf } = foldRanks(rank, size);
    const segmented = new SegmentedBuffer(channel, buffer, reduce.unit);
    const { whole } = segmented;

    if (active === null) {
      await segmented.send(rank + 1, whole);
      await segmented.receive(rank + 1, whole, replace);
      return;
    }
    if (ward !== null)
      await segmented.receive(ward, whole, combineLower(reduce));

    const rounds = halvings(active, power, whole, reduce.unit);
    for (const { partner, kept, given } of rounds) {
      const peer = rankOf(partner);
      const combine = partner < active ? combineLower : combineHigher;
      await segmented.exchange(
        { dest: peer, block: given },
        { source: peer, block: kept, take: combine(reduce) },
      );
    }
    for (const { partner, kept, given } of rounds.reverse()) {
      const peer = rankOf(partner);
      await segmented.exchange(
        { dest: peer, block: kept },
        { source: peer, block: given, take: replace },
      );
    }

    if (ward !== null) await segmented.send(ward, whole);
  },
});

interface Halving {
  readonly partner: number;
  /** The half that this rank goes on with. */
  readonly kept: Block;
  readonly given: Block;
}

function halvings(
  active: number,
  power: number,
  whole: Block,
  unit?: number,
): Halving[] {
  let held = whole;
  return partnersOf(active, power).map((partner) => {
    const [low, high] = cut(held, 2, unit) as [Block, Block];
    const [kept, given] = active < partner ? [low, high] : [high, low];
    held = kept;
    return { partner, kept, given };
  });
}
