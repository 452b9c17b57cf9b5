import { bytesOf } from "@tsmpi/protocol";
import { defineScan } from "../algorithm";
import { asElements } from "../as-elements";
import { shiftRounds, shiftTraffic } from "../shift-rounds";

/**
 * Recursive doubling scan: in round k each rank sends what it has reduced so far 2^k to its right. Fewest steps, log2(p).
 *
 *                rank 0    rank 1    rank 2    rank 3
 *     start      a0        a1        a2        a3
 *     round 0    a0        a01       a12       a23        r -> r + 1
 *     round 1    a0        a01       a012      a0123      r -> r + 2
 *
 * Source: Hillis and Steele, Commun. ACM 29(12), 1986. doi:10.1145/7902.7903
 */
export const scanRecursiveDoubling = defineScan({
  name: "recursive-doubling",
  inRankOrder: true,
  cost: {
    steps: (size) => Math.ceil(Math.log2(size)),
    sends: shiftTraffic,
  },

  async run(channel, buffer, reduce) {
    for (const { dest, source } of shiftRounds(channel)) {
      const [received] = await Promise.all([
        source === null ? null : channel.receive(source),
        dest === null ? null : channel.send(dest, bytesOf(buffer)),
      ]);
      if (received) reduce(buffer, asElements(received, buffer), buffer);
    }
  },
});
