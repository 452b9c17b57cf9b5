import { setTimeout } from "node:timers/promises";
import { type Block, lengthOf, type TypedArray } from "@tsmpi/protocol";
import { type Across, defineGroupedAllreduce, type Reduce } from "../algorithm";
import { LeftError, Neighbour } from "../neighbour";
import type { PointToPoint } from "../point-to-point";
import { Ring } from "../ring";
import {
  combineHigher,
  combineLower,
  SegmentedBuffer,
} from "../segmented-buffer";
import { cut } from "../segments";
import { subgroup, together } from "../subgroup";

/**
 * Hierarchical allreduce, for ranks on several hosts: a reduce-scatter on each host, a ring across hosts for the block that each
 * rank holds then, its *lane*, and an allgather on each host. Between hosts goes no more than between as many ranks as there are
 * hosts: 2 (h − 1) / h of the buffer out of each host and into it, however many ranks run there; all of them carry at once.
 *
 *                      host A: rank 0    rank 1    host B: rank 2    rank 3
 *     start                    a0 b0     a1 b1             a2 b2     a3 b3
 *     reduce-scatter           a01       b01               a23       b23
 *     across hosts             a03       b03               a03       b03       0 <-> 2, 1 <-> 3
 *     allgather                a03 b03   a03 b03           a03 b03   a03 b03   (a03: of ranks 0 to 3)
 *
 * The three overlap: each segment of a lane is reduced on its host when the ring comes to it, and handed round there as soon as it
 * is final. There are as many lanes as the smallest host has ranks; other ranks of larger hosts carry none. Ranks of a host read
 * each other's buffers where they lie in shared memory. Every element is reduced in one place, so that all ranks end with the same
 * bits.
 *
 * Source: Cho et al., BlueConnect, IBM J. Res. Dev. 63(6), 2019. doi:10.1147/JRD.2019.2947013
 */
export const allreduceHierarchical = defineGroupedAllreduce({
  name: "hierarchical",

  async run(
    channel,
    buffer,
    reduce,
    { ranks, memory },
    across = aroundRing(reduce),
  ) {
    const { rank } = channel;
    const { unit } = reduce;
    const local = ranks.find((some) => some.includes(rank))!;
    const place = local.indexOf(rank);
    const count = Math.min(...ranks.map((some) => some.length));
    const lanes = cut({ start: 0, end: buffer.length }, count, unit);
    const laneOf = (index: number): Block | null => {
      const lane = lanes[index];
      return lane && lengthOf(lane) > 0 ? lane : null;
    };
    const own = laneOf(place);
    const indices = [...local.keys()];

    const parts = (open: PointToPoint): readonly Promise<void>[] => {
      const neighbours = local.map(
        (peer) =>
          new Neighbour({ channel: open, rank: peer, buffer, unit, memory }),
      );
      // The nearest come first, so that what is combined are neighbours.
      const order = [
        ...indices.slice(0, place).reverse(),
        ...indices.slice(place + 1),
      ];
      let after: Promise<unknown> = Promise.resolve();
      const heard = order.flatMap((index) => {
        const neighbour = neighbours[index]!;
        const lane = laneOf(index);
        const take = (index < place ? combineLower : combineHigher)(reduce);
        const offer = own && { lane: own, take, after };
        after = neighbour.offered;
        return [
          ...(lane ? [neighbour.offer(lane)] : []),
          neighbour.hear(offer, lane),
        ];
      });
      const peers = ranks.map((some) => some[place]!);
      return own === null
        ? heard
        : [
            ...heard,
            carry(subgroup(open, peers), buffer, own, {
              across,
              neighbours: order.map((index) => neighbours[index]!),
            }),
          ];
    };
    try {
      await together(channel, parts);
    } catch (error) {
      // Before the program hears of it, and writes to its buffer, ranks of this host know.
      memory?.fail();
      throw await reasonOf(error, channel);
    }
  },
});

/** Who has left the call has failed, and tells all why. */
async function reasonOf(
  error: unknown,
  channel: PointToPoint,
): Promise<unknown> {
  if (!(error instanceof LeftError)) return error;
  const told = channel.receive(error.rank).then(
    () => error,
    (reason: unknown) => reason,
  );
  return Promise.race([told, setTimeout(REASON_MS, error, { ref: false })]);
}
const REASON_MS = 1_000;

/** Reduces a lane over all hosts. `channel`: of those that carry the same one. */
async function carry(
  channel: PointToPoint,
  buffer: TypedArray,
  lane: Block,
  {
    across,
    neighbours,
  }: { readonly across: Across; readonly neighbours: readonly Neighbour[] },
): Promise<void> {
  const reads = await Promise.all(neighbours.map(({ offered }) => offered));
  const shown: Promise<void>[] = [];
  const show = (segment: TypedArray): void => {
    if (segment.length === 0) return;
    const offset = segment.byteOffset - buffer.byteOffset;
    const start = offset / buffer.BYTES_PER_ELEMENT;
    const block = { start, end: start + segment.length };
    for (const neighbour of neighbours) shown.push(neighbour.show(block));
  };
  await across(channel, buffer.subarray(lane.start, lane.end), {
    prepare: (segment) => reads.forEach((read) => read?.(segment)),
    finished: show,
  });
  await Promise.all(shown);
}

/** Each segment is handed round on this host while others are on their way. */
const aroundRing =
  (reduce: Reduce): Across =>
  async (channel, lane, { prepare, finished }) => {
    const segmented = new SegmentedBuffer(channel, lane, reduce.unit);
    const blocks = cut(segmented.whole, channel.size, reduce.unit);
    const ring = new Ring(segmented, blocks);
    await ring.reduceScatter(reduce, {
      prepare,
      finished(segment) {
        ring.pass(segment);
        finished(segment);
      },
    });
    await ring.allgather(finished);
    await ring.flushed();
  };
