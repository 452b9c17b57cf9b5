import { segmentsOf } from "./segments";

describe("segmentsOf", () => {
  it.each([
    [0, 10, [[5, 5]]],
    [1, 10, [[5, 6]]],
    [10, 10, [[5, 15]]],
    [
      11,
      10,
      [
        [5, 15],
        [15, 16],
      ],
    ],
    [
      20,
      10,
      [
        [5, 15],
        [15, 25],
      ],
    ],
  ])(
    "cuts %i elements into segments of at most %i",
    (count, length, expected) => {
      const segments = segmentsOf({ start: 5, end: 5 + count }, length);
      expect(segments.map(({ start, end }) => [start, end])).toEqual(expected);
    },
  );
});
