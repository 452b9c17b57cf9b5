import {
  LENGTH_BYTES,
  packBlocks,
  packedBytes,
  unpackBlocks,
} from "./block-list";

const blocksOf = (...lengths: number[]): Uint8Array[] =>
  lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
const listed = (blocks: readonly Uint8Array[]): number[][] =>
  blocks.map((block) => [...block]);

describe("packBlocks", () => {
  it.each([[[5]], [[0]], [[0, 0, 0]], [[3, 0, 7, 1]], [[0, 2]]])(
    "keeps blocks of %j bytes apart",
    (lengths) => {
      const blocks = blocksOf(...lengths);
      const message = packBlocks(blocks);
      const bytes = lengths.reduce((sum, length) => sum + length, 0);
      expect(message.byteLength).toBe(packedBytes(lengths.length, bytes));
      expect(listed(unpackBlocks(message, lengths.length))).toEqual(
        listed(blocks),
      );
    },
  );

  it("copies nothing of a block alone", () => {
    const [block] = blocksOf(9);
    expect(packBlocks([block!])).toBe(block);
  });
});

describe("unpackBlocks", () => {
  it("reads a message that lies askew in memory", () => {
    const message = packBlocks(blocksOf(2, 3));
    const askew = new Uint8Array(message.byteLength + 3).subarray(3);
    askew.set(message);
    expect(listed(unpackBlocks(askew, 2))).toEqual([
      [1, 1],
      [2, 2, 2],
    ]);
  });

  it("refuses a message whose lengths go beyond it", () => {
    const message = packBlocks(blocksOf(100, 1)).subarray(0, LENGTH_BYTES + 50);
    expect(() => unpackBlocks(message, 2)).toThrow("does not hold 2 blocks");
  });
});
