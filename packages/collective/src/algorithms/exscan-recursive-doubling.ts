import { bytesOf, type TypedArray } from "@tsmpi/protocol";
import { defineExscan } from "../algorithm";
import { asElements } from "../as-elements";
import { shiftRounds, shiftTraffic } from "../shift-rounds";

/**
 * Recursive doubling exclusive scan: as the inclusive one, but each rank also keeps what it received apart from its own.
 *
 *                rank 0    rank 1      rank 2       rank 3
 *     start      a0        a1          a2           a3
 *     round 0    a0        a01 | a0    a12 | a1     a23 | a2        r -> r + 1
 *     round 1    a0        a01 | a0    a012 | a01   a0123 | a012    r -> r + 2
 *     end        a0        a0          a01          a012
 *
 * Source: Hillis and Steele, Commun. ACM 29(12), 1986. doi:10.1145/7902.7903
 */
export const exscanRecursiveDoubling = defineExscan({
  name: "recursive-doubling",
  inRankOrder: true,
  cost: {
    steps: (size) => Math.ceil(Math.log2(size)),
    sends: shiftTraffic,
  },

  async run(channel, buffer, reduce) {
    let below: TypedArray | null = null;
    for (const { dest, source } of shiftRounds(channel)) {
      const [received] = await Promise.all([
        source === null ? null : channel.receive(source),
        dest === null ? null : channel.send(dest, bytesOf(buffer)),
      ]);
      if (received === null) continue;
      const theirs = asElements(received, buffer);
      reduce(buffer, theirs, buffer);
      if (below) reduce(below, theirs, below);
      else below = theirs;
    }
    if (below) buffer.set(below as never);
  },
});
