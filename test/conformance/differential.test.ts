import { runSequences } from "./differential/run";

describe("random sequences of calls give what a model of one process says", () => {
  it.each([3, 4])(
    "500 of them, with %i ranks",
    async (ranks) => {
      await runSequences({
        ranks,
        firstSeed: 1,
        count: 500,
        timeoutMs: 120_000,
      });
    },
    300_000,
  );
});
