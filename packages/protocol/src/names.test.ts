import { nearest, registeredName } from "./names";

const NAMES = ["ring", "recursive-doubling", "gather-root"] as const;

describe("nearest", () => {
  it.each([
    ["rign", "ring"],
    ["rin", "ring"],
    ["rings", "ring"],
    ["recursive-doublign", "recursive-doubling"],
    ["gather_root", "gather-root"],
    ["tree", null],
    ["", null],
  ])("of %j is %j", (word, expected) => {
    expect(nearest(word, NAMES)).toBe(expected);
  });

  it("takes the closer of two", () => {
    expect(nearest("waits", ["wait", "waist"])).toBe("wait");
  });
});

describe("registeredName", () => {
  it("gives a registered name back", () => {
    expect(registeredName("algorithm", "ring", NAMES)).toBe("ring");
  });

  it("refuses another one, lists the names there are and suggests the nearest", () => {
    expect(() => registeredName("algorithm", "rings", NAMES)).toThrow(
      'unknown algorithm "rings"; did you mean "ring"? there are: ring, recursive-doubling, gather-root',
    );
    expect(() => registeredName("algorithm", "butterfly", NAMES)).toThrow(
      'unknown algorithm "butterfly"; there are: ring, recursive-doubling, gather-root',
    );
  });
});
