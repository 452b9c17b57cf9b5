import type { Way } from "../exchange/way";
import { mostTrials, spaceOf } from "./space";

const START: Way = {
  algorithm: "direct",
  bucketBytes: 25_000_000,
  compression: "none",
};
const GIVEN = {
  start: START,
  algorithms: ["ring", "rabenseifner"],
  totalBytes: 30_000_000,
  isForced: false,
  tunable: { bucketBytes: [1_000_000, 100_000_000], compressions: [] },
} as const;

describe("what autotune chooses between", () => {
  it("begins with what would be used without it, and has no compression that nobody allowed", () =>
    expect(spaceOf(GIVEN)).toEqual({
      start: START,
      algorithm: ["direct", "ring", "rabenseifner"],
      bucketBytes: [25_000_000, 1_000_000],
      compression: ["none"],
    }));

  it("are no buckets larger than all gradients", () =>
    expect(spaceOf({ ...GIVEN, totalBytes: 1_000_000 }).bucketBytes).toEqual([
      25_000_000,
    ]));

  it("is no algorithm but the one that is forced", () => {
    const start = { ...START, algorithm: "ring" } as const;
    expect(spaceOf({ ...GIVEN, start, isForced: true }).algorithm).toEqual([
      "ring",
    ]);
  });

  it("are compressions that are allowed", () => {
    const tunable = { bucketBytes: [], compressions: ["int8"] } as const;
    const space = spaceOf({ ...GIVEN, tunable });
    expect(space.compression).toEqual(["none", "int8"]);
    expect(space.bucketBytes).toEqual([25_000_000]);
  });

  it("is nothing at all if everything is fixed: one way needs no trial", () => {
    const tunable = { bucketBytes: [], compressions: [] };
    const space = spaceOf({ ...GIVEN, isForced: true, tunable });
    expect(mostTrials(space)).toBe(1);
  });
});
