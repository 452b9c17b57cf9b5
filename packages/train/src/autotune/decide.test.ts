import type { Way } from "../exchange/way";
import { type Choice, decide, type Trial } from "./decide";
import { mostTrials, type Space } from "./space";

const START: Way = {
  algorithm: "direct",
  bucketBytes: 25_000_000,
  compression: "none",
};
const SPACE: Space = {
  start: START,
  algorithm: ["direct", "ring", "rabenseifner"],
  bucketBytes: [25_000_000, 1_000_000, 5_000_000],
  compression: ["none"],
};

/** Tries what it is told until there is a choice. */
function tune(
  space: Space,
  stepMs: (way: Way, trial: number) => number,
): { readonly trials: Trial[]; readonly choice: Choice } {
  const trials: Trial[] = [];
  for (;;) {
    const decision = decide(space, trials);
    if (decision.type === "choose") return { trials, choice: decision };
    const { way } = decision;
    trials.push({ way, stepMs: stepMs(way, trials.length) });
    expect(trials.length).toBeLessThan(100);
  }
}

const names = (trials: readonly Trial[]): string[] =>
  trials.map(
    ({ way: { algorithm, bucketBytes, compression } }) =>
      `${algorithm} ${bucketBytes / 1e6} ${compression}`,
  );

/** Each coordinate adds its own. */
const sumOf =
  (costs: Readonly<Record<string, number>>) =>
  ({ algorithm, bucketBytes, compression }: Way): number =>
    [algorithm, bucketBytes, compression]
      .map((value) => costs[value] ?? 10)
      .reduce((sum, cost) => sum + cost);

describe("autotune", () => {
  it("begins with what would be used without it", () =>
    expect(decide(SPACE, [])).toEqual({
      ...{ type: "try", way: START, reason: "as without autotune" },
    }));

  it("tries algorithms, and the fastest of them with other buckets; then it and the start take turns", () => {
    const { trials, choice } = tune(SPACE, sumOf({ ring: 8, 5000000: 8 }));
    expect(names(trials)).toEqual([
      "direct 25 none",
      "ring 25 none",
      "rabenseifner 25 none",
      "ring 1 none",
      "ring 5 none",
      "direct 25 none",
      "ring 5 none",
      "direct 25 none",
      "ring 5 none",
    ]);
    expect(trials.length).toBe(mostTrials(SPACE));
    expect(choice).toEqual({
      type: "choose",
      way: { algorithm: "ring", bucketBytes: 5_000_000, compression: "none" },
      stepMs: 26,
      startMs: 30,
      reason: "a step takes 13.3 % less",
    });
  });

  it("stays with the start if nothing is faster, and tries nothing twice", () => {
    const { trials, choice } = tune(SPACE, sumOf({ direct: 5 }));
    expect(trials).toHaveLength(5);
    expect(choice).toMatchObject({
      ...{ way: START, stepMs: 25, startMs: 25, reason: "nothing was faster" },
    });
  });

  it("stays with the start for less than three hundredths", () =>
    expect(tune(SPACE, sumOf({ ring: 9.2 })).choice).toMatchObject({
      way: START,
      reason: "nothing was faster by 3 % each time",
    }));

  it("is not misled by a program that becomes faster while it runs", () => {
    const cold = (way: Way, trial: number) =>
      sumOf({ direct: 9 })(way) * (trial < 3 ? 3 - trial : 1);
    expect(tune(SPACE, cold).choice).toMatchObject({ way: START });
  });

  it("does not take what lost a round, however well it did in the other", () => {
    const lucky = (way: Way, trial: number) =>
      way.algorithm !== "ring" ? 30 : trial === 6 ? 31 : 5;
    const { trials, choice } = tune(SPACE, lucky);
    expect(names(trials)[6]).toContain("ring");
    expect(choice.way).toEqual(START);
  });

  it("tries a compression with the best buckets, where it is allowed; it has an algorithm of its own", () => {
    const space: Space = { ...SPACE, compression: ["none", "fp16", "int8"] };
    const costs = sumOf({ ring: 5, 1000000: 9, int8: 1 });
    const { trials, choice } = tune(space, costs);
    expect(names(trials).slice(3, 7)).toEqual([
      ...["ring 1 none", "ring 5 none", "direct 1 fp16", "direct 1 int8"],
    ]);
    expect(choice.way).toEqual({
      ...{ algorithm: "direct", bucketBytes: 1_000_000, compression: "int8" },
    });
    expect(trials.length).toBe(mostTrials(space));
  });

  it("finds out whether a compression that is asked for pays", () => {
    const start: Way = { ...START, compression: "fp16" };
    const space: Space = { ...SPACE, start, compression: ["none", "fp16"] };
    const { trials, choice } = tune(space, sumOf({ fp16: 30, ring: 8 }));
    expect(names(trials).slice(0, 2)).toEqual([
      "direct 25 fp16",
      "direct 25 none",
    ]);
    expect(choice.way).toEqual({ ...START, algorithm: "ring" });
    expect(trials.length).toBeLessThanOrEqual(mostTrials(space));
    const pays = tune(space, sumOf({ fp16: 1, ring: 8 }));
    expect(pays.choice).toMatchObject({
      ...{ way: start, reason: "nothing was faster" },
    });
    // Not once more for the fastest algorithm, which it would not use.
    expect(names(pays.trials).filter((name) => name.endsWith("fp16"))).toEqual([
      "direct 25 fp16",
    ]);
  });

  it("decides the same from the same numbers", () => {
    const { trials } = tune(SPACE, sumOf({ ring: 5 }));
    for (let n = 0; n <= trials.length; n++)
      expect(decide(SPACE, trials.slice(0, n))).toEqual(
        decide(SPACE, structuredClone(trials.slice(0, n))),
      );
  });
});
