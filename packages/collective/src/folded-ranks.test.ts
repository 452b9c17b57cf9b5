import { foldedSteps, foldRanks, partnersOf } from "./folded-ranks";

const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 64];
const all = (size: number) =>
  Array.from({ length: size }, (_, rank) => foldRanks(rank, size));

describe("foldRanks", () => {
  it.each(SIZES)(
    "numbers the active ones of %i ranks in rank order, a power of two of them",
    (size) => {
      const ranks = all(size);
      const { power, rankOf } = ranks[0]!;
      const active = ranks.flatMap(({ active }) => active ?? []);
      expect(active).toEqual(Array.from({ length: power }, (_, i) => i));
      expect(Number.isInteger(Math.log2(power))).toBe(true);
      expect(power).toBeGreaterThan(size / 2);
      for (const number of active)
        expect(ranks[rankOf(number)]!.active).toBe(number);
    },
  );

  it.each(SIZES)(
    "has one active rank act for each of %i ranks, for neighbours, in rank order",
    (size) => {
      const ranks = all(size);
      const { power, rankOf, firstOf } = ranks[0]!;
      const actsFor = Array.from({ length: power }, (_, number) => {
        const rank = rankOf(number);
        const { ward } = ranks[rank]!;
        expect(firstOf(number)).toBe(ward ?? rank);
        return ward === null ? [rank] : [ward, rank];
      });
      expect(actsFor.flat()).toEqual(ranks.map((_, rank) => rank));
      expect(firstOf(power)).toBe(size);
    },
  );

  it("is the fold of the picture", () => {
    expect(all(6).map(({ active }) => active)).toEqual([
      null,
      0,
      null,
      1,
      2,
      3,
    ]);
    expect(all(6).map(({ ward }) => ward)).toEqual([
      null,
      0,
      null,
      2,
      null,
      null,
    ]);
  });
});

describe("partnersOf", () => {
  it("pairs active ranks in every round, nearest first", () => {
    expect([0, 1, 2, 3].map((active) => partnersOf(active, 4))).toEqual([
      [1, 2],
      [0, 3],
      [3, 0],
      [2, 1],
    ]);
  });
});

describe("foldedSteps", () => {
  it.each([
    [1, 0],
    [2, 1],
    [3, 3],
    [8, 3],
    [9, 5],
  ])("of %i ranks are %i", (size, steps) => {
    expect(foldedSteps(size)).toBe(steps);
  });
});
