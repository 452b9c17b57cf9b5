import { bigBatches } from "./big-batches";

describe("bigBatches", () => {
  test.each([
    [0, 3, 2],
    [1, 3, 2],
    [12, 3, 2],
    [13, 3, 2],
    [17, 3, 5],
    [100, 7, 3],
  ])(
    "use each of %i rows once, in batches of %i on %i ranks",
    (rows, batchSize, size) => {
      const used = new Array<number>(rows).fill(0);
      for (let rank = 0; rank < size; rank++)
        for (const { start, end } of bigBatches({
          rows,
          batchSize,
          rank,
          size,
        })) {
          expect(end - start).toBeLessThanOrEqual(batchSize);
          for (let row = start; row < end; row++) used[row]!++;
        }
      expect(used).toEqual(new Array<number>(rows).fill(1));
    },
  );
  test("spread the last rows over the ranks", () => {
    const ofRank = (rank: number) =>
      bigBatches({ rows: 13, batchSize: 5, rank, size: 2 });
    expect(ofRank(0)).toEqual([
      { start: 0, end: 5 },
      { start: 10, end: 12 },
    ]);
    expect(ofRank(1)).toEqual([
      { start: 5, end: 10 },
      { start: 12, end: 13 },
    ]);
  });
});
