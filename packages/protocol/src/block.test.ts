import { blockOf, lengthOf } from "./block";

describe("blockOf", () => {
  it.each([1, 2, 3, 5, 8])(
    "cuts any count into %i blocks that follow each other and differ by at most one",
    (parts) => {
      for (const count of [0, 1, parts - 1, parts, parts + 1, 1000]) {
        const blocks = Array.from({ length: parts }, (_, index) =>
          blockOf(count, parts, index),
        );
        expect(blocks[0]!.start).toBe(0);
        expect(blocks.at(-1)!.end).toBe(count);
        blocks
          .slice(1)
          .forEach(({ start }, i) => expect(start).toBe(blocks[i]!.end));
        const lengths = blocks.map(lengthOf);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(
          1,
        );
        expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
      }
    },
  );
});
