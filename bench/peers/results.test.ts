import { roundsOf, type Series, valuesOf, withRound } from "./results.ts";

interface Key {
  readonly peer: string;
  readonly ranks: number;
}
const [two, four] = [
  { peer: "gloo", ranks: 2 },
  { peer: "gloo", ranks: 4 },
];

describe("results", () => {
  it("keep the values of each figure in the order of the rounds", () => {
    let list: Series<Key>[] = [];
    for (const round of [5, 3])
      for (const key of [two, four])
        list = withRound(list, key, round * key.ranks);
    expect(roundsOf<Key>(list, two)).toEqual([10, 6]);
    expect(roundsOf<Key>(list, four)).toEqual([20, 12]);
    expect(roundsOf<Key>(list, { peer: "other", ranks: 2 })).toEqual([]);
    expect(list).toHaveLength(2);
  });

  it("tell which values there are, numbers by size", () =>
    expect(
      valuesOf([{ bytes: 25e6 }, { bytes: 4 }, { bytes: 25e6 }], "bytes"),
    ).toEqual([4, 25e6]));
});
