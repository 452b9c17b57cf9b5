import {
  allgatherDirect,
  alltoallDirect,
  type DirectCall,
  gatherDirect,
  ranksOf,
  scatterDirect,
  type SharedSegment,
  signature,
  type Steps,
} from "@tsmpi/collective";
import { firstDifference } from "../support/first-difference";
import { randomBelow } from "../support/random";
import { SharedMemory } from "../support/shared-memory";

const SIZES = [2, 3, 5, 8];

/** Of a block: none, beside the card with the others or alone, in a window of a stage, over several. */
const LENGTHS = [0, 1, 40, 1_900, 2_048, 70_000, 600_001];
const HEAP_BYTES = 8 * 600_064;

const SIGNATURE = signature({ name: "alltoallv", dtype: "uint8" });

/** Bytes of the block from a rank to a rank; 0 where the call has none. */
type Lengths = readonly (readonly number[])[];

/** What one rank gives and where what it gets goes, by rank. */
interface Buffers {
  readonly blocks: readonly Uint8Array[];
  readonly into: readonly Uint8Array[];
}

/** One call that a rank makes of its buffers; gives what it has received of whom, or false. */
type Make = (
  segment: SharedSegment,
  call: DirectCall,
  buffers: Buffers,
) => Steps<unknown>;

interface Vector {
  readonly make: Make;
  /** Lengths of what ranks give each other in this call, as `below` draws them. */
  readonly lengths: (size: number, draw: () => number) => Lengths;
  /** All get the same blocks, and expect the same lengths. */
  readonly isForAll?: true;
}

const ROOT = 1;
const fitsForSure = false;

const matrix = (
  size: number,
  length: (giver: number, taker: number) => number,
): Lengths =>
  ranksOf({ size }).map((giver) =>
    ranksOf({ size }).map((taker) => length(giver, taker)),
  );

const VECTORS: Readonly<Record<string, Vector>> = {
  gatherv: {
    lengths: (size, draw) =>
      matrix(size, (_, taker) => (taker === ROOT ? draw() : 0)),
    make: (segment, call, { blocks, into }) =>
      gatherDirect.run(segment, {
        ...{ ...call, fitsForSure, root: ROOT, bytes: blocks[ROOT]! },
        into: segment.block.rank === ROOT ? into : null,
      }),
  },
  allgatherv: {
    lengths(size, draw) {
      const given = ranksOf({ size }).map(draw);
      return matrix(size, (giver) => given[giver]!);
    },
    make: (segment, call, { blocks, into }) =>
      allgatherDirect.run(segment, {
        ...{ ...call, fitsForSure, root: null, bytes: blocks[0]!, into },
      }),
    isForAll: true,
  },
  scatterv: {
    lengths: (size, draw) =>
      matrix(size, (giver) => (giver === ROOT ? draw() : 0)),
    make: (segment, call, { blocks, into }) =>
      scatterDirect.run(segment, {
        ...{ ...call, fitsForSure, givers: [ROOT], blockBytes: null },
        blocks: segment.block.rank === ROOT ? blocks : null,
        into: [into[ROOT]!],
      }),
  },
  alltoallv: {
    lengths: (size, draw) => matrix(size, draw),
    make: (segment, call, { blocks, into }) =>
      alltoallDirect.run(segment, {
        ...{ ...call, fitsForSure, blockBytes: null, blocks, into },
        givers: ranksOf(segment.block),
      }),
  },
};

const CONTENTS = (() => {
  const below = randomBelow(41);
  return Uint8Array.from({ length: 1 << 20 }, () => below(256));
})();

/** Ranks that make one call after the other, in whatever order `below` draws. */
class Ranks {
  readonly #memory: SharedMemory;
  readonly #segments: readonly SharedSegment[];
  readonly #below: (limit: number) => number;
  #number = 0;

  constructor(size: number, seed: number) {
    this.#memory = new SharedMemory(size, HEAP_BYTES);
    this.#segments = ranksOf({ size }).map((rank) =>
      this.#memory.segment(rank),
    );
    this.#below = randomBelow(seed);
  }

  /** @param taken lengths that ranks expect, if not those that are given; then nobody may get anything */
  call(
    { make, isForAll }: Vector,
    given: Lengths,
    taken: Lengths = given,
  ): void {
    const size = this.#segments.length;
    const number = this.#number++;
    const buffers = this.#segments.map((_, own) => ({
      blocks: this.#blocks(own, given[own]!),
      into: ranksOf({ size }).map((giver) =>
        new Uint8Array(taken[giver]![own]!).fill(own),
      ),
    }));
    const fits = taken === given;
    const right = buffers.map(({ into }, own) =>
      into.map((room, giver) =>
        fits && room.byteLength > 0
          ? buffers[giver]!.blocks[isForAll ? 0 : own]!.slice()
          : room.slice(),
      ),
    );
    const made = this.#memory.run(
      this.#segments.map((segment, rank) =>
        make(segment, { number, signature: SIGNATURE }, buffers[rank]!),
      ),
      this.#below,
    );
    expect(made.map((result) => result !== false)).toEqual(
      made.map(() => fits),
    );
    for (const [rank, { into }] of buffers.entries())
      for (const [giver, room] of into.entries())
        expect(firstDifference(room, right[rank]![giver]!)).toBeNull();
  }

  /** In the segment, behind each other or apart, or in memory of their own. */
  #blocks(own: number, lengths: readonly number[]): Uint8Array[] {
    const { buffer, start } = this.#memory.heapOf(own);
    const [isElsewhere, gap] = [this.#below(3) === 0, 8 * this.#below(2)];
    let place = start;
    return lengths.map((length) => {
      const block = isElsewhere
        ? new Uint8Array(length)
        : new Uint8Array(buffer, place, length);
      place += length + gap;
      const from = this.#below(CONTENTS.byteLength - length);
      block.set(CONTENTS.subarray(from, from + length));
      return block;
    });
  }
}

describe.each(Object.entries(VECTORS))("%s direct", (_, vector) => {
  it.each(SIZES)("with %i ranks gives each the blocks for it", (size) => {
    const ranks = new Ranks(size, 3 * size);
    const below = randomBelow(size);
    for (const most of [2, 4, 5, LENGTHS.length, LENGTHS.length])
      for (let round = 0; round < 6; round++)
        ranks.call(
          vector,
          vector.lengths(size, () => LENGTHS[below(most)]!),
        );
  });

  it.each(SIZES)(
    "with %i ranks goes over the network on every rank where one block does not fit, and touches nothing",
    (size) => {
      const ranks = new Ranks(size, 5 * size);
      const below = randomBelow(size + 1);
      for (let round = 0; round < 30; round++) {
        const given = vector.lengths(size, () => 1 + LENGTHS[below(6)]!);
        const [giver, taker] = [below(size), below(size)];
        const wrong = below(2) === 0 ? 1 : -1;
        const taken = given.map((lengths, from) =>
          lengths.map((length, to) =>
            from === giver && (vector.isForAll || to === taker) && length > 0
              ? length + wrong
              : length,
          ),
        );
        const differs = JSON.stringify(taken) !== JSON.stringify(given);
        ranks.call(vector, given, differs ? taken : given);
      }
    },
  );
});

describe("alltoallv direct", () => {
  it("goes over the network where the lengths of so many ranks do not fit beside a card", () => {
    const ranks = new SharedMemory(129, 0);
    const made = ranks.run(
      ranksOf(ranks).map((rank) => {
        const none = ranksOf(ranks).map(() => new Uint8Array(0));
        return VECTORS["alltoallv"]!.make(
          ranks.segment(rank),
          { number: 0, signature: SIGNATURE },
          { blocks: none, into: none },
        );
      }),
      randomBelow(6),
    );
    expect(new Set(made)).toEqual(new Set([false]));
  });
});
