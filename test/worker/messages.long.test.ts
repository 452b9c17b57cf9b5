import { runForNumbers } from "./run-for-numbers";

describe("100,000 messages from each of four ranks, taken from anybody", () => {
  it("are all there once and in order, bounded in memory, and fast", async () => {
    const { perSecond, grownMiB } = await runForNumbers("storm.mts", {
      ranks: 5,
      env: { MESSAGES: "100000" },
    });
    console.log(`${perSecond} messages/s, ${grownMiB} MiB more at rank 0`);
    expect(grownMiB).toBeLessThan(200);
    expect(perSecond).toBeGreaterThan(60_000);
  });
});

describe("10,000 messages of 1 MiB that nobody wants yet", () => {
  it("stay with their sender", async () => {
    const { unmatchedMiB, grownMiB } = await runForNumbers("unmatched.mts", {
      ranks: 2,
      env: { MESSAGES: "10000" },
    });
    console.log(
      `${unmatchedMiB} MiB more at rank 0 before it receives, ${grownMiB} after`,
    );
    expect(unmatchedMiB).toBeLessThan(50);
    expect(grownMiB).toBeLessThan(200);
  });
});
