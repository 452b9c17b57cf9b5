import {
  deviationOf,
  joinMoments,
  momentsOf,
  type Moments,
  NO_MOMENTS,
} from "./moments";

describe("moments", () => {
  test.each([0, 1, 2, 3, 5, 8])(
    "of 0 … 99 are the same from %i parts as at once",
    (parts) => {
      const numbers = Array.from({ length: 100 }, (_, i) => i + 1e6);
      const joined = Array.from({ length: parts + 1 }, (_, part) =>
        momentsOf(numbers.filter((n) => n % (parts + 1) === part)),
      ).reduce<Moments>(joinMoments, NO_MOMENTS);
      expect(joined).toMatchObject({ count: 100, min: 1e6, max: 1e6 + 99 });
      expect(joined.mean).toBeCloseTo(1e6 + 49.5, 6);
      // That of n whole numbers in a row: (n² − 1) / 12.
      expect(deviationOf(joined)).toBeCloseTo(Math.sqrt(9999 / 12), 6);
    },
  );

  test("of nothing are neutral", () => {
    const some = momentsOf([3]);
    expect(joinMoments(some, NO_MOMENTS)).toEqual(some);
    expect(joinMoments(NO_MOMENTS, some)).toEqual(some);
    expect(deviationOf(NO_MOMENTS)).toBe(0);
  });
});
