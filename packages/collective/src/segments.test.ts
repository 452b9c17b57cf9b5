import { lengthOf } from "@tsmpi/protocol";
import {
  consecutive,
  cut,
  SEGMENT_BYTES,
  segmentLength,
  segmentsOf,
} from "./segments";

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

describe("segmentLength", () => {
  it.each([
    [4, 1, SEGMENT_BYTES / 4],
    [8, 3, 131_070],
    [8, SEGMENT_BYTES, SEGMENT_BYTES],
  ])(
    "of elements of %i bytes, %i of which belong together, is %i",
    (elementBytes, unit, expected) => {
      expect(segmentLength(elementBytes, unit)).toBe(expected);
    },
  );
});

describe("cut", () => {
  it.each([1, 2, 3, 5, 8])(
    "gives %i blocks that follow each other, differ by at most one unit and begin at whole ones",
    (parts) => {
      for (const unit of [1, 2, 3])
        for (const units of [0, 1, parts - 1, parts, parts + 1, 100]) {
          const whole = { start: 7, end: 7 + units * unit };
          const blocks = cut(whole, parts, unit);
          expect(blocks).toHaveLength(parts);
          expect(blocks[0]!.start).toBe(whole.start);
          expect(blocks.at(-1)!.end).toBe(whole.end);
          blocks.slice(1).forEach(({ start }, i) => {
            expect(start).toBe(blocks[i]!.end);
            expect((start - whole.start) % unit).toBe(0);
          });
          const lengths = blocks.map(lengthOf);
          expect(
            Math.max(...lengths) - Math.min(...lengths),
          ).toBeLessThanOrEqual(unit);
        }
    },
  );
});

describe("consecutive", () => {
  it("puts blocks one behind the other", () => {
    expect(consecutive([2, 0, 3])).toEqual([
      { start: 0, end: 2 },
      { start: 2, end: 2 },
      { start: 2, end: 5 },
    ]);
    expect(consecutive([])).toEqual([]);
  });
});
