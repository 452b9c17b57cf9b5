import { AHEAD_MS, chooseWorker, type Load, MOST_AHEAD } from "./choose-worker";

const load = (
  tasks: number,
  expectedMs = 0,
  isUnderSuspicion = false,
): Load => ({
  ...{ tasks, expectedMs, isUnderSuspicion },
});
const short = { expectedMs: 0.01, mayQueue: true };
const long = { expectedMs: 100, mayQueue: true };
const unknown = { expectedMs: null, mayQueue: true };

describe("chooseWorker", () => {
  it.each([short, long, unknown, { ...short, mayQueue: false }])(
    "takes the first that is free for any task: %p",
    (task) => {
      expect(chooseWorker([load(1, 50), load(0), load(0)], task)).toBe(1);
    },
  );

  it("sends short tasks ahead, to the worker that has the fewest", () => {
    expect(chooseWorker([load(3, 0.03), load(2, 0.02)], short)).toBe(1);
  });

  it("keeps a task until a worker is free that is long, or of which nothing is known", () => {
    expect(chooseWorker([load(1, 0.01)], long)).toBeNull();
    expect(chooseWorker([load(1, 0.01)], unknown)).toBeNull();
    expect(chooseWorker([], short)).toBeNull();
  });

  it("puts nothing behind a task that is long, or of which nothing is known", () => {
    expect(chooseWorker([load(1, 100)], short)).toBeNull();
    expect(chooseWorker([load(1, Infinity)], short)).toBeNull();
  });

  it("sends ahead so many, and so much, and no more", () => {
    expect(chooseWorker([load(MOST_AHEAD - 1, 0.1)], short)).toBe(0);
    expect(chooseWorker([load(MOST_AHEAD, 0.1)], short)).toBeNull();
    expect(chooseWorker([load(2, AHEAD_MS)], short)).toBeNull();
  });

  it("leaves a task that has lost a worker alone with the next one", () => {
    expect(chooseWorker([load(1, 0.01, true)], short)).toBeNull();
    expect(
      chooseWorker([load(1, 0.01)], { ...short, mayQueue: false }),
    ).toBeNull();
  });
});
