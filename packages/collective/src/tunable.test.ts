import { tunableAllreduces } from "./tunable";

describe("all-reduces that are worth measuring", () => {
  it.each([2, 3, 4, 5])("are all there are for %d ranks", (size) =>
    expect(tunableAllreduces(size).toSorted()).toEqual([
      "gather-root",
      "rabenseifner",
      "recursive-doubling",
      "ring",
    ]),
  );

  it("are without a root that serves everybody for 6 ranks and more", () => {
    expect(tunableAllreduces(5)).toContain("gather-root");
    for (const size of [6, 8, 16])
      expect(tunableAllreduces(size).toSorted()).toEqual([
        "rabenseifner",
        "recursive-doubling",
        "ring",
      ]);
  });

  it("are without whole buffers to many partners for very many ranks", () =>
    expect(tunableAllreduces(64).toSorted()).toEqual(["rabenseifner", "ring"]));
});
