import { runSequences } from "./differential/run";

describe("random sequences of calls give what a model of one process says", () => {
  it.each([3, 4])("10,000 of them, with %i ranks", async (ranks) => {
    await runSequences({
      ranks,
      firstSeed: 100_000,
      count: 10_000,
      timeoutMs: 3_000_000,
    });
  });
});
