import { ALGORITHMS, type AnyAlgorithm } from "@tsmpi/collective";
import { type Traffic, withRanks } from "../support/with-ranks";
import {
  type BlockMover,
  isReduction,
  moveAndCheck,
  named,
  ranksOf,
  runAndCheck,
  takesRoot,
} from "./run-and-check";

const SIZES = [1, 2, 3, 4, 5, 7, 8];
/** Bytes of a buffer: more than two segments of 1 MiB for each of four ranks. Blocks that belong to a rank each are never cut. */
const LONG_BYTES = 4 * 2_400_000;
const longCount = (algorithm: AnyAlgorithm): number =>
  isReduction(algorithm) || algorithm.collective === "bcast"
    ? LONG_BYTES / elementBytesOf(algorithm)
    : 100_000;

const lengthsFor = (size: number): number[] => [
  ...new Set([0, 1, size - 1, size, size + 1, 1000]),
];
const elementBytesOf = (algorithm: AnyAlgorithm): number =>
  isReduction(algorithm) ? Float32Array.BYTES_PER_ELEMENT : 1;

describe.each(named(ALGORITHMS))("%s", (_, algorithm) => {
  const rootsOf = (size: number) =>
    takesRoot(algorithm) ? ranksOf(size) : [0];
  const lengths = algorithm.collective === "barrier" ? () => [0] : lengthsFor;

  it.each(SIZES)(
    "gives every rank its result and sends exactly its cost, %i ranks",
    async (size) => {
      for (const root of rootsOf(size))
        for (const count of lengths(size))
          await runCosted(algorithm, { size, count, root });
    },
  );

  it.each([3, 4])(
    "does so for a buffer of several segments, however late messages are, %i ranks",
    async (size) => {
      const count = longCount(algorithm);
      const delays = { seed: size };
      await runCosted(algorithm, { size, count, root: 1, delays });
    },
  );

  it.each(SIZES)(
    "takes no more steps than its cost says, and just as many for a power of two, %i ranks",
    async (size) => {
      const ofRoots = await Promise.all(
        rootsOf(size).map(async (root) => {
          const { steps } = await withRanks(size, ({ channel }) =>
            runAndCheck(algorithm, channel, { count: size, root }),
          );
          return steps;
        }),
      );
      const steps = Math.max(...ofRoots);
      const reckoned = algorithm.cost.steps(size);
      expect(steps).toBeLessThanOrEqual(reckoned);
      if (Number.isInteger(Math.log2(size))) expect(steps).toBe(reckoned);
    },
  );
});

async function runCosted(
  algorithm: AnyAlgorithm,
  {
    size,
    count,
    root,
    delays,
  }: { size: number; count: number; root: number; delays?: { seed: number } },
): Promise<void> {
  const { traffic } = await withRanks(
    size,
    ({ channel }) => runAndCheck(algorithm, channel, { count, root }),
    { delays },
  );
  const elementBytes = elementBytesOf(algorithm);
  const expected = ranksOf(size).flatMap((from) =>
    joined(
      algorithm.cost
        .sends({ rank: from, size, root, count, elementBytes })
        .map((link) => ({ from, ...link })),
    ),
  );
  expect({ size, count, root, traffic }).toEqual({
    size,
    count,
    root,
    traffic: expected,
  });
}

/** One entry a link, in order. */
function joined(links: readonly Traffic[]): Traffic[] {
  const byDest = new Map<number, Traffic>();
  for (const link of links.filter(({ messages }) => messages > 0)) {
    const { messages, bytes } = byDest.get(link.to) ?? {
      messages: 0,
      bytes: 0,
    };
    byDest.set(link.to, {
      ...link,
      messages: messages + link.messages,
      bytes: bytes + link.bytes,
    });
  }
  return [...byDest.values()].sort((a, b) => a.to - b.to);
}

const ofUnequalBlocks = ALGORITHMS.filter(
  (algorithm): algorithm is BlockMover =>
    ["gather", "scatter", "allgather"].includes(algorithm.collective) ||
    (algorithm.collective === "alltoall" && !algorithm.equalBlocks),
);

describe.each(named(ofUnequalBlocks))(
  "%s of blocks of different lengths",
  (_, algorithm) => {
    it.each(SIZES)("gives every rank its own, %i ranks", async (size) => {
      const lengthOf = (source: number, dest: number) =>
        ((7 * source + 3 * dest) % 5) * 9;
      for (const root of takesRoot(algorithm) ? ranksOf(size) : [0])
        await withRanks(size, ({ channel }) =>
          moveAndCheck(algorithm, channel, { root, lengthOf }),
        );
    });
  },
);

describe("allreduce ring", () => {
  const ring = ALGORITHMS.find(
    ({ collective, name }) => collective === "allreduce" && name === "ring",
  )!;

  it.each([2, 3, 4, 5, 8])(
    "sends 2(p − 1)/p of the buffer to its right neighbour, and nothing elsewhere, p = %i",
    async (size) => {
      const count = size * 1000;
      const { traffic } = await withRanks(size, ({ channel }) =>
        runAndCheck(ring, channel, { count, root: 0 }),
      );
      expect(traffic).toEqual(
        ranksOf(size).map((rank) => ({
          from: rank,
          to: (rank + 1) % size,
          messages: 2 * (size - 1),
          bytes: (2 * (size - 1) * count * 4) / size,
        })),
      );
    },
  );
});
