import { blockOf, lengthOf } from "@tsmpi/protocol";
import { randomStream } from "../random-stream";
import { blockPartition, REMAINDERS, scattervLayout } from "./block-partition";
import { packColumns } from "./pack-columns";
import { packRows, routedPartition } from "./routed-partition";
import {
  cyclicRouter,
  hashRouter,
  type Key,
  rangeBounds,
  rangeRouter,
  type Router,
  stratifiedRouter,
  weightedRouter,
} from "./routers";

const SIZES = [1, 2, 3, 5, 8];
const ROWS = [0, 1, 2, 4, 7, 8, 100, 1001];
const random = randomStream("partition");
const upTo = (length: number) => Array.from({ length }, (_, i) => i);
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

describe.each(REMAINDERS)("blockPartition, %s", (remainder) => {
  test.each(SIZES)("has each row as often as it says, on %i ranks", (size) => {
    for (const rows of ROWS)
      for (const weights of [undefined, upTo(size).map((i) => i + random())]) {
        const blocks = blockPartition(rows, size, { remainder, weights });
        expect(blocks).toHaveLength(size);
        const used = upTo(rows).map(
          (row) =>
            blocks.filter(({ start, end }) => start <= row && row < end).length,
        );
        for (const { start, end } of blocks) {
          expect(0 <= start && start <= end && end <= rows).toBe(true);
        }
        const dropped = used.filter((times) => times === 0).length;
        switch (remainder) {
          case "uneven":
            expect(used).toEqual(used.map(() => 1));
            break;
          case "drop":
            expect(Math.max(0, ...used)).toBeLessThanOrEqual(1);
            expect(dropped).toBeLessThan(size);
            break;
          case "pad":
            expect(dropped).toBe(0);
            expect(sum(blocks.map(lengthOf)) - rows).toBeLessThan(size);
        }
        // Nobody is a whole row from its share.
        const all = sum(weights ?? upTo(size).map(() => 1));
        blocks.forEach((block, rank) => {
          const share = (rows * (weights?.[rank] ?? 1)) / all;
          expect(Math.abs(lengthOf(block) - share)).toBeLessThan(1);
          if (weights === undefined && remainder !== "uneven")
            expect(lengthOf(block)).toBe(lengthOf(blocks[0]!));
        });
      }
  });
});

describe("blockPartition", () => {
  test.each(SIZES)("is blockOf where ranks are equal: %i", (size) => {
    for (const rows of ROWS)
      expect(blockPartition(rows, size)).toEqual(
        upTo(size).map((rank) => blockOf(rows, size, rank)),
      );
  });
  test("is so of billions of rows, too", () => {
    for (const size of [2, 3, 7])
      for (const rows of [1_000_000_001, 40_000_000_003])
        expect(blockPartition(rows, size)).toEqual(
          upTo(size).map((rank) => blockOf(rows, size, rank)),
        );
  });

  test("gives a rank that is three times slower a third", () => {
    const blocks = blockPartition(700, 3, { weights: [3, 3, 1] });
    expect(blocks.map(lengthOf)).toEqual([300, 300, 100]);
  });
  test.each([
    [[1, 2], "needs 3 weights"],
    [[0, 0, 0], "at least one is not 0"],
    [[1, NaN, 1], "at least one is not 0"],
    [[2, -1, 1], "the weight of rank 1 is -1"],
  ])("refuses weights %j", (weights, message) =>
    expect(() => blockPartition(9, 3, { weights })).toThrow(message),
  );
  test("lays rows out for Scatterv", () => {
    const blocks = blockPartition(10, 3, { remainder: "pad" });
    expect(scattervLayout(blocks, 2)).toEqual({
      ...{ counts: [8, 8, 8], displacements: [0, 8, 12] },
    });
  });
});

const LABELS = upTo(1001).map(() => Math.floor(random() ** 3 * 7));

/** Of each kind: a router for so many ranks, and keys for it. */
const ROUTERS: readonly (readonly [
  string,
  (size: number) => Router<never>,
  readonly Key[],
])[] = [
  ["cyclic", (size) => cyclicRouter(size), LABELS],
  ["block-cyclic", (size) => cyclicRouter(size, 3), LABELS],
  ["weighted", (size) => weightedRouter(upTo(size).map((i) => i + 1)), LABELS],
  ["hash", hashRouter, upTo(1001).map((i) => `user-${i}`)],
  [
    "range",
    (size) => rangeRouter(rangeBounds(upTo(1001), size)),
    upTo(1001).map((i) => (i * 13) % 1001),
  ],
  ["stratified", stratifiedRouter, LABELS],
];

describe.each(ROUTERS)("routedPartition, %s", (_, routerFor, keys) => {
  const partition = (size: number, remainder?: "drop" | "pad") =>
    routedPartition(keys as readonly never[], size, routerFor(size), remainder);

  test.each(SIZES)("has each row once, on %i ranks", (size) => {
    const { rows, padding, dropped } = partition(size);
    expect(rows.flatMap((list) => [...list]).sort((a, b) => a - b)).toEqual(
      upTo(keys.length),
    );
    expect([sum(padding), dropped.length]).toEqual([0, 0]);
  });

  test.each(SIZES)("drops and pads to equal numbers, on %i ranks", (size) => {
    const counts = partition(size).rows.map((list) => list.length);
    const less = partition(size, "drop");
    expect(less.rows.map((list) => list.length)).toEqual(
      counts.map(() => Math.min(...counts)),
    );
    const kept = less.rows.flatMap((list) => [...list]);
    expect([...kept, ...less.dropped].sort((a, b) => a - b)).toEqual(
      upTo(keys.length),
    );
    const more = partition(size, "pad");
    const own = more.rows.map((list, rank) => {
      const end = list.length - more.padding[rank]!;
      // What is behind its own rows it has already.
      const all = new Set(list.subarray(0, end));
      expect(list.subarray(end).every((row) => all.has(row))).toBe(true);
      return [...list.subarray(0, end)];
    });
    expect(own).toEqual(partition(size).rows.map((list) => [...list]));
    expect(more.rows.map((list) => list.length)).toEqual(
      counts.map(() => Math.max(...counts)),
    );
  });
});

describe("routedPartition", () => {
  test("takes a number of rows where the router needs no keys", () => {
    const { rows } = routedPartition(7, 3, cyclicRouter(3, 2));
    expect(rows.map((list) => [...list])).toEqual([
      [0, 1, 6],
      [2, 3],
      [4, 5],
    ]);
  });
  test("pads a rank without rows with those of all", () => {
    const { rows } = routedPartition(2, 3, cyclicRouter(3), "pad");
    expect(rows.map((list) => [...list])).toEqual([[0], [1], [0]]);
  });
  test("refuses to drop everything", () =>
    expect(() => routedPartition(2, 3, cyclicRouter(3), "drop")).toThrow(
      'no row of 2 goes to rank 2, so that "drop" would leave none',
    ));
  test("refuses a router for more ranks", () =>
    expect(() => routedPartition(4, 3, cyclicRouter(4))).toThrow(
      "row 3 goes to rank 3, and there are 3",
    ));
  test("packs rows in rank order for Scatterv", () => {
    const partition = routedPartition(5, 2, cyclicRouter(2));
    const values = Float32Array.from(upTo(10));
    expect(packRows(values, 2, partition)).toEqual({
      values: Float32Array.of(0, 1, 4, 5, 8, 9, 2, 3, 6, 7),
      ...{ counts: [6, 4], displacements: [0, 6] },
    });
  });
});

describe("packColumns", () => {
  test.each(SIZES)("has each column once, on %i ranks", (size) => {
    const [rows, columns] = [3, 11];
    const matrix = Int32Array.from(upTo(rows * columns));
    const blocks = blockPartition(columns, size);
    const packed = packColumns(matrix, columns, blocks);
    expect(sum(packed.counts)).toBe(matrix.length);
    blocks.forEach(({ start, end }, rank) => {
      const first = packed.displacements[rank]!;
      const own = packed.values.subarray(first, first + packed.counts[rank]!);
      expect([...own]).toEqual(
        upTo(rows).flatMap((row) =>
          upTo(end - start).map((column) => row * columns + start + column),
        ),
      );
    });
  });
});

describe("routers", () => {
  test.each([1, 2, 3, 5, 8, 20])(
    "weighted: no rank of %i is ever a record from its share",
    (size) => {
      for (let round = 0; round < 10; round++) {
        const weights = upTo(size).map(() => (random() < 0.2 ? 0 : random()));
        weights[0] = 1;
        const router = weightedRouter(weights);
        const all = sum(weights);
        const counts = weights.map(() => 0);
        let farthest = 0;
        for (let records = 1; records <= 2000; records++) {
          counts[router()]!++;
          for (const [rank, weight] of weights.entries())
            farthest = Math.max(
              farthest,
              Math.abs(counts[rank]! - (records * weight) / all),
            );
        }
        expect(farthest).toBeLessThan(1);
        weights.forEach((weight, rank) => {
          if (weight === 0) expect(counts[rank]).toBe(0);
        });
      }
    },
  );

  test.each(SIZES)("stratified: labels are balanced on %i ranks", (size) => {
    const { rows } = routedPartition(LABELS, size, stratifiedRouter(size));
    for (const label of new Set(LABELS)) {
      const counts = rows.map(
        (list) => list.filter((row) => LABELS[row] === label).length,
      );
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });

  test.each(SIZES)(
    "hash: equal keys meet, others spread on %i ranks",
    (size) => {
      const router = hashRouter(size);
      const counts = upTo(size).map(() => 0);
      for (let i = 0; i < 10_000; i++) {
        const rank = router(i);
        counts[rank]!++;
        expect(router(i)).toBe(rank);
      }
      // Five standard deviations.
      const even = 10_000 / size;
      for (const count of counts)
        expect(Math.abs(count - even)).toBeLessThanOrEqual(5 * Math.sqrt(even));
      expect(hashRouter(1000)("a text")).toBe(hashRouter(1000)("a text"));
    },
  );

  test.each(SIZES)(
    "range: %i ranks have keys in order, about as many",
    (size) => {
      const keys = upTo(1000).map(() => random() ** 2);
      const router = rangeRouter(rangeBounds(keys, size));
      const sorted = [...keys].sort((a, b) => a - b).map((key) => router(key));
      expect(sorted).toEqual([...sorted].sort((a, b) => a - b));
      for (let rank = 0; rank < size; rank++) {
        const count = sorted.filter((own) => own === rank).length;
        expect(Math.abs(count - 1000 / size)).toBeLessThanOrEqual(1);
      }
      expect(rangeRouter(["g", "p"])("h")).toBe(1);
      expect(() => rangeRouter([2, 1])).toThrow("bounds must ascend");
    },
  );

  test("refuse no ranks", () =>
    expect(() => hashRouter(0)).toThrow("dealt to 0 ranks"));
});
