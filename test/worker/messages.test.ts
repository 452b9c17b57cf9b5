import { runForNumbers } from "./run-for-numbers";

describe("messages from four ranks at once, taken from anybody", () => {
  it("are all there once and in order, and bounded in memory", async () => {
    const { grownMiB } = await runForNumbers("storm.mts", {
      ranks: 5,
      env: { MESSAGES: "10000" },
    });
    expect(grownMiB).toBeLessThan(150);
  });
});

describe("large messages that nobody wants yet", () => {
  it("stay with their sender", async () => {
    const { unmatchedMiB, grownMiB } = await runForNumbers("unmatched.mts", {
      ranks: 2,
      env: { MESSAGES: "300" },
    });
    expect(unmatchedMiB).toBeLessThan(50);
    expect(grownMiB).toBeLessThan(150);
  });
});
