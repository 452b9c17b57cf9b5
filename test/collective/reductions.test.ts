import {
  ALGORITHMS,
  kernelFor,
  type PointToPoint,
  type Reduce,
} from "@tsmpi/collective";
import { bytesOf, type TypedArray } from "@tsmpi/protocol";
import { random, randomBelow } from "../support/random";
import { withRanks } from "../support/with-ranks";
import {
  evenCounts,
  isReduction,
  named,
  ranksOf,
  type Reduction,
} from "./run-and-check";

const SIZES = [1, 2, 3, 4, 5, 7, 8];
const reductions = ALGORITHMS.filter(isReduction);
const inRankOrder = reductions.filter((algorithm) => algorithm.inRankOrder);

interface Call {
  readonly reduce: Reduce;
  readonly root: number;
  /** Of each rank's block in a reduce-scatter. */
  readonly counts: readonly number[];
}

/** Runs the algorithm on one rank's buffer; what of it is the result, null if nothing is. */
async function reduceOn(
  algorithm: Reduction,
  channel: PointToPoint,
  buffer: TypedArray,
  { reduce, root, counts }: Call,
): Promise<TypedArray | null> {
  const { rank } = channel;
  switch (algorithm.collective) {
    case "allreduce":
    case "scan":
      await algorithm.run(channel, buffer, reduce);
      return buffer;
    case "exscan":
      await algorithm.run(channel, buffer, reduce);
      return rank === 0 ? null : buffer;
    case "reduce":
      await algorithm.run(channel, buffer, reduce, root);
      return rank === root ? buffer : null;
    case "reduceScatter": {
      await algorithm.run(channel, buffer, counts, reduce);
      const start = counts.slice(0, rank).reduce((sum, n) => sum + n, 0);
      return buffer.subarray(start, start + counts[rank]!);
    }
  }
}

/** What `reduceOn` gives, by the definition: the op over the ranks from left to right. */
function expectedOn(
  { collective }: Reduction,
  rank: number,
  buffers: readonly TypedArray[],
  { reduce, root, counts }: Call,
): TypedArray | null {
  const fold = (end: number): TypedArray | null => {
    if (end === 0) return null;
    const result = buffers[0]!.slice();
    for (const buffer of buffers.slice(1, end)) reduce(result, result, buffer);
    return result;
  };
  const size = buffers.length;
  switch (collective) {
    case "allreduce":
      return fold(size);
    case "scan":
      return fold(rank + 1);
    case "exscan":
      return fold(rank);
    case "reduce":
      return rank === root ? fold(size) : null;
    case "reduceScatter": {
      const start = counts.slice(0, rank).reduce((sum, n) => sum + n, 0);
      return fold(size)!.subarray(start, start + counts[rank]!);
    }
  }
}

async function expectFold(
  algorithm: Reduction,
  buffers: readonly TypedArray[],
  call: Call,
  delays?: { seed: number },
): Promise<void> {
  const { results } = await withRanks(
    buffers.length,
    ({ channel, rank }) =>
      reduceOn(algorithm, channel, buffers[rank]!.slice(), call),
    { delays },
  );
  results.forEach((result, rank) => {
    const expected = expectedOn(algorithm, rank, buffers, call);
    expect(result && Buffer.compare(bytesOf(result), bytesOf(expected!))).toBe(
      expected && 0,
    );
  });
}

const rootsOf = ({ collective }: Reduction, size: number): number[] =>
  collective === "reduce" ? ranksOf(size) : [0];

/** Blocks of different lengths in units, empty ones among them, that add up to the count. */
const unevenCounts = (size: number, unit: number): number[] =>
  ranksOf(size).map((rank) => ((5 * rank + 3) % 4) * unit);
const sumOf = (counts: readonly number[]): number =>
  counts.reduce((sum, count) => sum + count, 0);

/** An op on groups of elements; each call must get whole groups. */
function grouped(
  unit: number,
  combine: (lower: Int32Array, higher: Int32Array) => ArrayLike<number>,
): Reduce {
  const reduce = (target: TypedArray, low: TypedArray, high: TypedArray) => {
    expect(target.length % unit).toBe(0);
    const groups = [low, high] as Int32Array[] as [Int32Array, Int32Array];
    for (let at = 0; at < target.length; at += unit) {
      const [lower, higher] = groups.map((all) => all.subarray(at, at + unit));
      (target as Int32Array).set(combine(lower!, higher!), at);
    }
  };
  return Object.assign(reduce, { unit });
}

/** x -> ax + b modulo 251, in one element: associative, and no two of them commute but by chance. */
const composeMaps: Reduce = (target, lower, higher) => {
  for (let i = 0; i < target.length; i++) {
    const [a, b] = [Number(lower[i]) >> 8, Number(lower[i]) & 255];
    const [c, d] = [Number(higher[i]) >> 8, Number(higher[i]) & 255];
    target[i] = (((a * c) % 251) << 8) | ((a * d + b) % 251);
  }
};

/** The product of 2 × 2 matrices, four elements each, in integers modulo 2^32. */
const multiplyMatrices = grouped(4, ([a, b, c, d], [e, f, g, h]) => [
  Math.imul(a!, e!) + Math.imul(b!, g!),
  Math.imul(a!, f!) + Math.imul(b!, h!),
  Math.imul(c!, e!) + Math.imul(d!, g!),
  Math.imul(c!, f!) + Math.imul(d!, h!),
]);

/** The triple that comes first in the dictionary: commutative, but of no use on less than a triple. */
const leastTriple = grouped(3, (lower, higher) => {
  const differs = lower.findIndex((value, i) => value !== higher[i]);
  return differs >= 0 && higher[differs]! < lower[differs]! ? higher : lower;
});

function randomBuffers(
  size: number,
  count: number,
  limit: number,
): Int32Array[] {
  const below = randomBelow(size * 1000 + count);
  return ranksOf(size).map(() =>
    Int32Array.from({ length: count }, () => below(limit)),
  );
}

describe.each(named(inRankOrder))(
  "%s of an op that is not commutative",
  (_, algorithm) => {
    it.each(SIZES)("goes by rank, %i ranks", async (size) => {
      const maps = (count: number) =>
        randomBuffers(size, count, 251 * 251).map((buffer) =>
          buffer.map((at) => (Math.floor(at / 251) << 8) | (at % 251)),
        );
      for (const root of rootsOf(algorithm, size)) {
        for (const count of [0, 1, size - 1, size, 100])
          await expectFold(algorithm, maps(count), {
            reduce: composeMaps,
            root,
            counts: evenCounts(count, size),
          });
        const counts = unevenCounts(size, 1);
        const call = { reduce: composeMaps, root, counts };
        await expectFold(algorithm, maps(sumOf(counts)), call, { seed: root });
      }
    });

    it.each([3, 8])(
      "goes by rank where elements belong together, %i ranks",
      async (size) => {
        for (const matrices of [0, 1, size, size + 1]) {
          const counts = evenCounts(matrices, size).map((n) => 4 * n);
          const buffers = randomBuffers(size, 4 * matrices, 2 ** 31);
          const call = { reduce: multiplyMatrices, root: 1, counts };
          await expectFold(algorithm, buffers, call);
        }
      },
    );
  },
);

describe.each(named(reductions))("%s", (_, algorithm) => {
  it.each(SIZES)(
    "reduces blocks of different lengths and never cuts what belongs together, %i ranks",
    async (size) => {
      const counts = unevenCounts(size, 3);
      const buffers = randomBuffers(size, sumOf(counts), 3);
      const call = { reduce: leastTriple, root: size - 1, counts };
      await expectFold(algorithm, buffers, call);
    },
  );

  it("never cuts what belongs together where it cuts segments", async () => {
    const size = 2;
    const counts = evenCounts(400_000, size).map((n) => 3 * n);
    const buffers = ranksOf(size).map((rank) =>
      new Int32Array(sumOf(counts)).map((_, i) => (i * (rank + 7)) % 13),
    );
    await expectFold(algorithm, buffers, {
      reduce: leastTriple,
      root: 0,
      counts,
    });
  });
});

describe.each(named(reductions))("%s of random float32", (_, algorithm) => {
  const inputs = (size: number, count: number): Float32Array[] => {
    const next = random(42);
    return ranksOf(size).map(() =>
      Float32Array.from({ length: count }, () => next() * 2 - 1),
    );
  };
  /** Each rank's result; null where there is none. */
  async function reduceAll(
    size: number,
    count: number,
    delays?: { seed: number },
  ): Promise<(Float32Array | null)[]> {
    const buffers = inputs(size, count);
    const call = {
      reduce: kernelFor("SUM", "float32"),
      root: 0,
      counts: evenCounts(count, size),
    };
    const { results } = await withRanks(
      size,
      ({ channel, rank }) => reduceOn(algorithm, channel, buffers[rank]!, call),
      { delays },
    );
    return results as (Float32Array | null)[];
  }

  it.each(SIZES)("is near the exact sum, %i ranks", async (size) => {
    const results = await reduceAll(size, 1000);
    const buffers = inputs(size, 1000).map((buffer) =>
      Float64Array.from(buffer),
    );
    const call = {
      reduce: kernelFor("SUM", "float64"),
      root: 0,
      counts: evenCounts(1000, size),
    };
    results.forEach((result, rank) => {
      const exact = expectedOn(algorithm, rank, buffers, call);
      const errors = [...(result ?? [])].map((value, i) =>
        Math.abs(value - Number(exact![i])),
      );
      expect(Math.max(0, ...errors)).toBeLessThan(size * 2 ** -23);
    });
  });

  it.each([3, 5, 8])(
    "gives the same bits 100 times, in whatever order messages arrive, %i ranks",
    async (size) => {
      const first = await reduceAll(size, 100);
      for (let seed = 1; seed <= 100; seed++)
        expect(await reduceAll(size, 100, { seed })).toEqual(first);
    },
  );

  if (algorithm.collective === "allreduce")
    it.each(SIZES)("gives the same bits on all of %i ranks", async (size) => {
      const results = await reduceAll(size, 1000);
      const bits = results.map((result) =>
        Buffer.from(bytesOf(result!)).toString("hex"),
      );
      expect(new Set(bits).size).toBe(1);
    });
});
