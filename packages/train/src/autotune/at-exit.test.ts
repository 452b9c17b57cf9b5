import { problemOf } from "./at-exit";

describe("at the end of a program that was to be tuned", () => {
  const begun = { steps: 3, mostSteps: 49, isOver: false };

  it("nothing is said if one of its trainings was", () =>
    expect(problemOf([begun, { ...begun, isOver: true }])).toBeNull());

  it("the training that came furthest is named", () =>
    expect(problemOf([begun, { ...begun, steps: 7 }, begun])).toBe(
      "autotune: the training ended after 7 steps, and trying takes up to 49: nothing was chosen, nothing is kept; train for more steps, or leave autotune out",
    ));

  it("what was never trained is told apart", () =>
    expect(problemOf([])).toContain("made no training step"));
});
