import { MEASURED_STEPS, slowestMedian, StepTimes } from "./step-times";

describe("the times of a trial's steps", () => {
  it("are from one update to the next, without those that do not count", () => {
    const times = new StepTimes(2, 100);
    for (const nowMs of [200, 250, 260, 280, 310]) times.lap(nowMs);
    expect(times.measured).toEqual([10, 20, 30]);
    expect(times.isFull).toBe(false);
    expect(MEASURED_STEPS).toBe(4);
    times.lap(350);
    expect(times.isFull).toBe(true);
    expect(times.measured).toEqual([10, 20, 30, 40]);
  });

  it("count as long as on the slowest rank of each step: their median", () => {
    expect(
      slowestMedian([
        [1, 9, 1, 1],
        [2, 2, 2, 8],
      ]),
    ).toBe(5);
    expect(slowestMedian([[3, 100, 1]])).toBe(3);
  });
});
