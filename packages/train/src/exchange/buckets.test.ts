import { bucketsOf } from "./buckets";

test.each([
  { lengths: [], firstBytes: 40, buckets: [[]] },
  { lengths: [10], firstBytes: 40, buckets: [[0]] },
  { lengths: [5, 5], firstBytes: 40, buckets: [[1, 0]] },
  { lengths: [5, 6], firstBytes: 40, buckets: [[1], [0]] },
  {
    lengths: [100, 1, 100, 1],
    firstBytes: 40,
    buckets: [[3], [2], [1], [0]],
  },
  {
    lengths: [4, 4, 4, 4, 4],
    firstBytes: 40,
    buckets: [[4, 3], [2, 1], [0]],
  },
  { lengths: [4, 4, 4, 4, 4], firstBytes: 16, buckets: [[4], [3, 2], [1, 0]] },
  { lengths: [4, 4, 4], firstBytes: 1000, buckets: [[2, 1], [0]] },
])(
  "deals entries of $lengths floats, the last one first, into buckets of 40 bytes and a first one of $firstBytes",
  ({ lengths, firstBytes, buckets }) => {
    const order = lengths.map((_, i) => lengths.length - 1 - i);
    expect(bucketsOf({ lengths, order, firstBytes, bucketBytes: 40 })).toEqual(
      buckets,
    );
  },
);
