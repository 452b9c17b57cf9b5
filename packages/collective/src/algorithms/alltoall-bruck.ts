import { assert } from "@tsmpi/protocol";
import { defineAlltoall } from "../algorithm";
import { sendReceive } from "../point-to-point";

/**
 * Bruck's alltoall: a block that has to go d ranks to the right goes 2^k of them in round k if bit k of d is set, together with
 * all others that do. Fewest steps, log2(p), so best for small blocks; each travels up to log2(p) times. All have one length.
 *
 *               rank 0      rank 1      rank 2
 *     start     00 01 02    11 12 10    22 20 21      12: the block of rank 1 for rank 2; by distance
 *     round 0   00 20 02    11 01 10    22 12 21      distance 1: r -> r + 1
 *     round 1   00 20 10    11 01 21    22 12 02      distance 2: r -> r + 2
 *
 * Source: Bruck, Ho, Kipnis, Upfal and Weathersby, IEEE Trans. Parallel Distrib. Syst. 8(11), 1997. doi:10.1109/71.642949
 */
export const alltoallBruck = defineAlltoall({
  name: "bruck",
  equalBlocks: true,
  cost: {
    steps: (size) => Math.ceil(Math.log2(size)),
    sends: ({ rank, size, count }) =>
      rounds(size).map(({ shift, distances }) => ({
        to: (rank + shift) % size,
        messages: 1,
        bytes: distances.length * count,
      })),
  },

  async run(channel, blocks) {
    const { rank, size } = channel;
    const length = blocks[0]!.byteLength;
    assert(
      blocks.length === size &&
        blocks.every(({ byteLength }) => byteLength === length),
      "Bruck's alltoall has no block of one length a rank",
    );
    /** By distance, one behind the other: first those that go that far, in the end those that have come that far. */
    const travelling = new Uint8Array(size * length);
    const at = (distance: number): Uint8Array =>
      travelling.subarray(distance * length, (distance + 1) * length);
    for (let distance = 0; distance < size; distance++)
      at(distance).set(blocks[(rank + distance) % size]!);

    for (const { shift, distances } of rounds(size)) {
      const received = await sendReceive(channel, {
        dest: (rank + shift) % size,
        bytes: Buffer.concat(distances.map(at)),
        source: (rank + size - shift) % size,
      });
      distances.forEach((distance, i) =>
        at(distance).set(received.subarray(i * length, (i + 1) * length)),
      );
    }
    return blocks.map((_, source) => at((rank + size - source) % size));
  },
});

/** How far each round goes, and the distances of the blocks that it carries. */
const rounds = (size: number) =>
  Array.from({ length: Math.ceil(Math.log2(size)) }, (_, round) => ({
    shift: 2 ** round,
    distances: Array.from({ length: size }, (_, distance) => distance).filter(
      (distance) => distance & (1 << round),
    ),
  }));
