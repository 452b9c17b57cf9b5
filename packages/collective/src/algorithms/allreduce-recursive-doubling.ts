import { bytesOf } from "@tsmpi/protocol";
import { defineAllreduce } from "../algorithm";
import { asElements } from "../as-elements";
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
  cost: {
    steps: (size) =>
      Math.log2(powerBelow(size)) + (powerBelow(size) === size ? 0 : 2),
    sends({ rank, size, count, elementBytes }) {
      const bytes = count * elementBytes;
      const { extra, active, actualRank } = fold(rank, size);
      const partners = active === null ? [] : partnersOf(active, size);
      const once = (to: number) => ({ to, messages: 1, bytes });
      if (active === null) return [once(rank + 1)];
      return [
        ...partners.map((partner) => once(actualRank(partner))),
        ...(rank < 2 * extra ? [once(rank - 1)] : []),
      ];
    },
  },

  async run(channel, buffer, reduce) {
    const { rank, size } = channel;
    const { extra, active, actualRank } = fold(rank, size);
    const bytes = bytesOf(buffer);

    if (active === null) {
      await channel.send(rank + 1, bytes);
      bytes.set(await channel.receive(rank + 1));
      return;
    }
    if (rank < 2 * extra)
      reduce(
        buffer,
        asElements(await channel.receive(rank - 1), buffer),
        buffer,
      );

    for (const partner of partnersOf(active, size)) {
      const peer = actualRank(partner);
      const theirs = asElements(
        await sendReceive(channel, { dest: peer, bytes, source: peer }),
        buffer,
      );
      if (partner < active) reduce(buffer, theirs, buffer);
      else reduce(buffer, buffer, theirs);
    }

    if (rank < 2 * extra) await channel.send(rank - 1, bytes);
  },
});

const powerBelow = (size: number): number => 2 ** Math.floor(Math.log2(size));

/**
 * Folds p ranks onto a power of two: of the first 2 × `extra` ranks only the odd ones stay active.
 * `active` is this rank's number among the active ones, null for one that hands its buffer to its neighbour.
 */
function fold(rank: number, size: number) {
  const extra = size - powerBelow(size);
  const active =
    rank >= 2 * extra ? rank - extra : rank % 2 === 1 ? (rank - 1) / 2 : null;
  const actualRank = (number: number): number =>
    number < extra ? 2 * number + 1 : number + extra;
  return { extra, active, actualRank };
}

/** Nearest first. */
const partnersOf = (active: number, size: number): number[] =>
  Array.from(
    { length: Math.log2(powerBelow(size)) },
    (_, round) => active ^ (1 << round),
  );
