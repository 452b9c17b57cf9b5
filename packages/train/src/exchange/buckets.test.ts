import { bucketRanges } from "./buckets";

const range = (start: number, end: number) => ({ start, end });

test.each([
  [[], 40, [range(0, 0)]],
  [[10], 40, [range(0, 1)]],
  [[5, 5], 40, [range(0, 2)]],
  [[5, 6], 40, [range(0, 1), range(1, 2)]],
  [[100, 1, 100, 1], 40, [range(0, 1), range(1, 2), range(2, 3), range(3, 4)]],
  [[4, 4, 4, 4, 4], 40, [range(0, 2), range(2, 4), range(4, 5)]],
])(
  "cuts entries of %j floats into runs of %i bytes",
  (lengths, bytes, runs) => {
    expect(bucketRanges(lengths, bytes)).toEqual(runs);
  },
);
