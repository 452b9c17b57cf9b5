import { assert, type Block } from "@tsmpi/protocol";
import { defineBroadcast } from "../algorithm";
import { placeInTree, subtreeOf, treeRounds } from "../binomial-tree";
import { LENGTH_BYTES, readLength, writeLength } from "../block-list";
import { Ring } from "../ring";
import { replace, SegmentedBuffer } from "../segmented-buffer";
import { cut, segmentTraffic } from "../segments";

/**
 * Scatter-allgather broadcast: a binomial scatter of the bytes, then an allgather around the ring. No rank sends more than
 * twice the bytes, however many ranks there are: for large ones, if the ranks are too many for a chain.
 *
 *                  rank 0     rank 1     rank 2     rank 3
 *     start        a b c d
 *     scatter      a b c d               c d                     0 -> 2
 *                  a b c d    b          c d        d            0 -> 1, 2 -> 3
 *     allgather    a b c d    a b        b c d      c d
 *                  a b c d    a b d      a b c d    b c d
 *                  a b c d    a b c d    a b c d    a b c d
 *
 * How many bytes there are goes ahead of the scatter, since only the root knows.
 *
 * Source: Chan, Heimlich, Purkayastha and van de Geijn, Concurr. Comput. 19(13), 2007. doi:10.1002/cpe.1206
 */
export const broadcastScatterAllgather = defineBroadcast({
  name: "scatter-allgather",
  cost: {
    steps: (size) => treeRounds(size) + size - 1,
    sends({ rank, size, root, count }) {
      if (size === 1) return [];
      const blocks = blocksByRank(count, size, root);
      const right = (rank + 1) % size;
      const link = (to: number, sent: readonly Block[]) => ({
        to,
        ...segmentTraffic(sent, 1),
      });
      return [
        ...placeInTree(rank, size, root).children.flatMap((to) => [
          { to, messages: 1, bytes: LENGTH_BYTES },
          link(to, [subtreeBlock(blocks, subtreeOf(to, size, root))]),
        ]),
        link(
          right,
          blocks.filter((_, owner) => owner !== right),
        ),
      ];
    },
  },

  async run(channel, bytes, root) {
    const { rank, size } = channel;
    const { parent, children } = placeInTree(rank, size, root);
    const length =
      parent === null ? ofLength(bytes) : await channel.receive(parent);
    await Promise.all(children.map((child) => channel.send(child, length)));
    const all =
      parent === null ? bytes! : new Uint8Array(readLength(length, 0));

    const segmented = new SegmentedBuffer(channel, all);
    const blocks = blocksByRank(all.byteLength, size, root);
    const blockBelow = (top: number): Block =>
      subtreeBlock(blocks, subtreeOf(top, size, root));
    if (parent !== null)
      await segmented.receive(parent, blockBelow(rank), replace);
    await Promise.all(
      children.map((child) => segmented.send(child, blockBelow(child))),
    );

    if (size === 1) return all;
    const ring = new Ring(segmented, blocks);
    ring.passOwn();
    await ring.allgather();
    await ring.flushed();
    return all;
  },
});

function ofLength(bytes: Uint8Array | null): Uint8Array {
  assert(bytes !== null, "the root of a broadcast has no bytes");
  const message = new Uint8Array(LENGTH_BYTES);
  writeLength(message, 0, bytes.byteLength);
  return message;
}

/** The first block is the root's, the second that of the rank to its right … */
function blocksByRank(count: number, size: number, root: number): Block[] {
  const blocks = cut({ start: 0, end: count }, size);
  return blocks.map((_, rank) => blocks[(rank - root + size) % size]!);
}

/** The blocks of a subtree follow each other. */
const subtreeBlock = (
  blocks: readonly Block[],
  ranks: readonly number[],
): Block => ({
  start: blocks[ranks[0]!]!.start,
  end: blocks[ranks.at(-1)!]!.end,
});
