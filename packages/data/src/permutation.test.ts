import { permutation } from "./permutation";

describe("permutation", () => {
  test.each([0, 1, 2, 100])("has each of %i numbers once", (length) => {
    const order = [...permutation(length, Math.random)];
    expect(order.sort((a, b) => a - b)).toEqual(
      Array.from({ length }, (_, i) => i),
    );
  });
  test("is decided by what it draws", () => {
    // Always the first of what is left: the last goes to the front.
    expect([...permutation(4, () => 0)]).toEqual([1, 2, 3, 0]);
    expect([...permutation(4, () => 0.999)]).toEqual([0, 1, 2, 3]);
  });
});
