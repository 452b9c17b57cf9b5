import { PATIENCE, Turn } from "./turn";

describe("of several trainings", () => {
  it("the first is tuned, then the next", () => {
    const turn = new Turn<string[]>();
    const [a, b] = [["a"], ["b"]];
    expect([turn.isOf(a), turn.isOf(b), turn.isOf(a)]).toEqual([
      true,
      false,
      true,
    ]);
    turn.end(b);
    expect(turn.isOf(b)).toBe(false);
    turn.end(a);
    expect([turn.isOf(b), turn.isOf(a)]).toEqual([true, false]);
  });

  it("one that makes no more steps is given up", () => {
    const turn = new Turn<string[]>();
    const [a, b] = [["a"], ["b"]];
    turn.isOf(a);
    for (let step = 0; step < PATIENCE; step++)
      expect(turn.isOf(b)).toBe(false);
    expect(turn.isOf(b)).toBe(true);
    expect(turn.isOf(a)).toBe(false);
  });
});
