import { bytesOf } from "@tsmpi/protocol";
import { defineAllreduce } from "../algorithm";
import { asElements } from "../as-elements";
import { foldedSteps, foldRanks, partnersOf } from "../folded-ranks";
import { sendReceive } from "../point-to-point";

/**
 * Recursive doubling allreduce: in round k each rank exchanges its whole buffer with the rank whose number differs in bit k.
 * Fewest steps, log2(p), so best for small buffers; large ones travel log2(p) times.
 *
 *                rank 0    rank 1    rank 2    rank 3
 *     start      a0        a1        a2        a3
 *     round 0    a01       a01       a23       a23        0 <-> 1, 2 <-> 3
 *     round 1    a0123     a0123     a0123     a0123      0 <-> 2, 1 <-> 3
 *
 * When p is no power of two, the first 2(p − 2^k) ranks pair up before and after: the odd ones work for both.
 * Both partners combine (lower, higher), so they end with the same bits.
 *
 * Source: Thakur, Rabenseifner and Gropp, Int. J. High Perform. Comput. Appl. 19(1), 2005. doi:10.1177/1094342005051521
 */
export const allreduceRecursiveDoubling = defineAllreduce({
  name: "recursive-doubling",
  inRankOrder: true,
  cost: {
    steps: foldedSteps,
    sends({ rank, size, count, elementBytes }) {
      const { power, active, ward, rankOf } = foldRanks(rank, size);
      const bytes = count * elementBytes;
      const once = (to: number) => ({ to, messages: 1, bytes });
      if (active === null) return [once(rank + 1)];
      return [
        ...partnersOf(active, power).map((partner) => once(rankOf(partner))),
        ...(ward === null ? [] : [once(ward)]),
      ];
    },
  },

  async run(channel, buffer, reduce) {
    const { rank, size } = channel;
    const { power, active, ward, rankOf } = foldRanks(rank, size);
    const bytes = bytesOf(buffer);

    if (active === null) {
      await channel.send(rank + 1, bytes);
      bytes.set(await channel.receive(rank + 1));
      return;
    }
    if (ward !== null)
      reduce(buffer, asElements(await channel.receive(ward), buffer), buffer);

    for (const partner of partnersOf(active, power)) {
      const peer = rankOf(partner);
      const theirs = asElements(
        await sendReceive(channel, { dest: peer, bytes, source: peer }),
        buffer,
      );
      if (partner < active) reduce(buffer, theirs, buffer);
      else reduce(buffer, buffer, theirs);
    }

    if (ward !== null) await channel.send(ward, bytes);
  },
});
