import { LeakGuard } from "./leak-guard";

/** What it says of each step, from step 1. */
const say = (...tensors: number[]) => {
  const guard = new LeakGuard();
  return tensors.map((count, i) => guard.observe(i + 1, count));
};
const nothing = (steps: number) => Array<null>(steps).fill(null);

describe("LeakGuard", () => {
  test("names the step and the count when each step leaves tensors behind", () => {
    const said = say(400, 410, 412, 414, 416, 418, 420);
    expect(said.slice(0, 6)).toEqual(nothing(6));
    expect(said[6]).toMatch(
      /^each step since step 2 leaves 2 tensors behind \(410 at step 2, 420 at step 7\)/,
    );
  });
  test("takes no notice of what the first steps make, nor of what comes once", () =>
    expect(say(400, 500, 500, 500, 507, 507, 507, 507, 507, 507)).toEqual(
      nothing(10),
    ));
  test("takes no notice of what comes and goes", () =>
    expect(say(4, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8)).toEqual(nothing(13)));
});
