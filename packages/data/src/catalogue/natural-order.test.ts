import { inNaturalOrder } from "./natural-order";

describe("inNaturalOrder", () => {
  test.each([
    [
      ["s-10", "s-2", "s-1"],
      ["s-1", "s-2", "s-10"],
    ],
    [
      ["a/2/x", "a/10/x", "a/2/w"],
      ["a/2/w", "a/2/x", "a/10/x"],
    ],
    [
      ["x-010", "x-9", "x-10"],
      ["x-9", "x-10", "x-010"],
    ],
    [
      ["b", "a", "B", "", "ä"],
      ["", "B", "a", "b", "ä"],
    ],
    [
      ["f.csv", "f1.csv", "f"],
      ["f", "f1.csv", "f.csv"],
    ],
    [
      ["n99999999999999999999", "n100000000000000000000"],
      ["n99999999999999999999", "n100000000000000000000"],
    ],
  ])("sorts %j", (names, sorted) => {
    expect([...names].sort(inNaturalOrder)).toEqual(sorted);
    expect([...names].reverse().sort(inNaturalOrder)).toEqual(sorted);
  });
});
