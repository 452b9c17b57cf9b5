import { areFinite, isFinite } from "./finite";

const MOST = 3.4028234663852886e38;

describe.each([Float32Array, Float64Array])("numbers in a %p", (Kind) => {
  test("are all looked at, and no others", () => {
    for (const wrong of [NaN, Infinity, -Infinity])
      for (const length of [1, 7, 8, 9, 31])
        for (let at = 0; at < length; at++) {
          const numbers = new Kind(length + 2);
          numbers[at + 1] = wrong;
          expect(areFinite(numbers, 1, length + 1)).toBe(false);
          expect(areFinite(numbers, at + 2, length + 2)).toBe(true);
          expect(areFinite(numbers, 0, at + 1)).toBe(true);
          expect(isFinite(numbers)).toBe(false);
        }
  });

  test("are not taken for infinite where they are large, nor where they cancel", () => {
    const large = new Kind(1000).fill(Kind === Float32Array ? MOST : 1.7e308);
    expect(isFinite(large)).toBe(true);
    expect(isFinite(Kind.of(Infinity, -Infinity))).toBe(false);
  });
});

test("what holds no floats is finite, and what holds some is looked into", () => {
  for (const value of ["NaN", null, 7n, Int32Array.of(1), [1, "a"], { a: 1 }])
    expect(isFinite(value)).toBe(true);
  for (const value of [NaN, [1, NaN], { a: { b: [Infinity] } }])
    expect(isFinite(value)).toBe(false);
});
