import { DTYPES, float16ToNumber, bfloat16ToNumber } from "@tsmpi/protocol";
import { ownArray } from "./benchmark";
import { fillAddends, fillPattern, fillSums } from "./contents";

const LENGTH = 1_100;

const numbersOf = (
  dtype: (typeof DTYPES)[number],
  fill: (array: ReturnType<typeof ownArray>) => void,
): number[] => {
  const array = ownArray(dtype, LENGTH);
  fill(array);
  const elements = Array.from(array as ArrayLike<number | bigint>, Number);
  if (dtype === "float16") return elements.map(float16ToNumber);
  return dtype === "bfloat16" ? elements.map(bfloat16ToNumber) : elements;
};

describe("what ranks add", () => {
  it.each(DTYPES)(
    "gives the sums that are expected, in %s, for any ranks",
    (dtype) => {
      for (const size of [1, 2, 3, 8, 50]) {
        const added = Array.from({ length: size }, (_, rank) =>
          numbersOf(dtype, (array) =>
            fillAddends(array, dtype, { rank, size }),
          ),
        );
        for (const [from, to] of [
          [0, size],
          [0, size - 1],
          [0, 0],
          [1, size],
        ] as const)
          expect(
            numbersOf(dtype, (array) =>
              fillSums(array, dtype, { from, to, size }),
            ),
          ).toEqual(
            Array.from({ length: LENGTH }, (_, i) =>
              added.slice(from, to).reduce((sum, of) => sum + of[i]!, 0),
            ),
          );
      }
    },
  );

  it("is something else a power of two further on", () => {
    const sums = numbersOf("int32", (array) =>
      fillSums(array, "int32", { from: 0, to: 3, size: 4 }),
    );
    for (let step = 1; step < LENGTH / 2; step *= 2)
      expect(sums.slice(step)).not.toEqual(sums.slice(0, -step));
  });
});

describe("a pattern", () => {
  it("differs from seed to seed", () => {
    const patterns = Array.from({ length: 600 }, (_, seed) => {
      const array = ownArray("float32", 16);
      fillPattern(array, seed);
      return Buffer.from(array.buffer as ArrayBuffer).toString("hex");
    });
    expect(new Set(patterns).size).toBe(600);
  });
});
