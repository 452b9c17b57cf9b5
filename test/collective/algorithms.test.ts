import {
  ALGORITHMS,
  type AnyAlgorithm,
  kernelFor,
  type PointToPoint,
} from "@tsmpi/collective";
import { bytesOf } from "@tsmpi/protocol";
import { random } from "../support/random";
import { withRanks } from "../support/with-ranks";

const SIZES = [1, 2, 3, 4, 5, 8];
/** More than two segments a block for every size up to 8, so that pipelining shows. */
const LONG = 8 * 300_000;

const lengthsFor = (size: number): number[] => [
  ...new Set([0, 1, size - 1, size, size + 1, 1000]),
];
const ranksOf = (size: number): number[] =>
  Array.from({ length: size }, (_, rank) => rank);
const ascending = (count: number, from: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => from + i);
/** Element i of rank r's buffer; small enough that sums of them are exact in float32. */
const elementOf = (rank: number, i: number): number =>
  (rank + 1) * ((i % 97) + 1);
const sumOver = (size: number, i: number): number =>
  ((size * (size + 1)) / 2) * ((i % 97) + 1);

/**
 * One rank's part in a call of `count`: runs the algorithm and throws if the result is not what MPI says it is.
 * The switch has no default: a new collective is a case here.
 */
async function runAndCheck(
  algorithm: AnyAlgorithm,
  channel: PointToPoint,
  { count, root }: { count: number; root: number },
): Promise<void> {
  const { rank, size } = channel;
  const isRoot = rank === root;
  const sum = kernelFor("SUM", "float32");
  switch (algorithm.collective) {
    case "allreduce": {
      const buffer = Float32Array.from({ length: count }, (_, i) =>
        elementOf(rank, i),
      );
      await algorithm.run(channel, buffer, sum);
      expectBytes(bytesOf(buffer), bytesOf(sums(size, count)));
      return;
    }
    case "reduce": {
      const buffer = Float32Array.from({ length: count }, (_, i) =>
        elementOf(rank, i),
      );
      await algorithm.run(channel, buffer, sum, root);
      if (isRoot) expectBytes(bytesOf(buffer), bytesOf(sums(size, count)));
      return;
    }
    case "bcast": {
      const bytes = isRoot ? ascending(count, root) : null;
      const received = await algorithm.run(channel, bytes, root);
      expectBytes(received, ascending(count, root));
      return;
    }
    case "gather": {
      const blocks = await algorithm.run(channel, ascending(count, rank), root);
      if (isRoot) expectBlocks(blocks!, size, count);
      else expect(blocks).toBeNull();
      return;
    }
    case "scatter": {
      const blocks = isRoot
        ? ranksOf(size).map((peer) => ascending(count, peer))
        : null;
      const block = await algorithm.run(channel, blocks, root);
      expectBytes(block, ascending(count, rank));
      return;
    }
    case "allgather": {
      const blocks = await algorithm.run(channel, ascending(count, rank));
      expectBlocks(blocks, size, count);
      return;
    }
    case "barrier":
      return algorithm.run(channel);
  }
}

const sums = (size: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => sumOver(size, i));

const expectBytes = (actual: Uint8Array, expected: Uint8Array): void =>
  expect(Buffer.compare(actual, expected)).toBe(0);

function expectBlocks(
  blocks: readonly Uint8Array[],
  size: number,
  count: number,
): void {
  expect(blocks).toHaveLength(size);
  blocks.forEach((block, rank) => expectBytes(block, ascending(count, rank)));
}

const takesRoot = ({ collective }: AnyAlgorithm): boolean =>
  ["reduce", "bcast", "gather", "scatter"].includes(collective);
const isReduction = ({ collective }: AnyAlgorithm): boolean =>
  ["allreduce", "reduce"].includes(collective);
const elementBytesOf = (algorithm: AnyAlgorithm): number =>
  isReduction(algorithm) ? Float32Array.BYTES_PER_ELEMENT : 1;

const named = ALGORITHMS.map(
  (algorithm) =>
    [`${algorithm.collective} ${algorithm.name}`, algorithm] as const,
);

describe.each(named)("%s", (_, algorithm) => {
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

  it("gives every rank its result for a buffer of several segments", async () => {
    await runCosted(algorithm, { size: 3, count: LONG / 8, root: 1 });
  });

  it.each(SIZES)(
    "takes no more steps than its cost says, and just as many for a power of two, %i ranks",
    async (size) => {
      const { steps } = await withRanks(size, ({ channel }) =>
        runAndCheck(algorithm, channel, { count: size, root: 0 }),
      );
      const reckoned = algorithm.cost.steps(size);
      expect(steps).toBeLessThanOrEqual(reckoned);
      if (Number.isInteger(Math.log2(size))) expect(steps).toBe(reckoned);
    },
  );
});

async function runCosted(
  algorithm: AnyAlgorithm,
  { size, count, root }: { size: number; count: number; root: number },
): Promise<void> {
  const { traffic } = await withRanks(size, ({ channel }) =>
    runAndCheck(algorithm, channel, { count, root }),
  );
  const elementBytes = elementBytesOf(algorithm);
  const expected = ranksOf(size).flatMap((rank) =>
    algorithm.cost
      .sends({ rank, size, root, count, elementBytes })
      .filter(({ messages }) => messages > 0)
      .sort((a, b) => a.to - b.to)
      .reduce<{ from: number; to: number; messages: number; bytes: number }[]>(
        (links, { to, messages, bytes }) => {
          const same = links.find((link) => link.to === to);
          if (same) {
            same.messages += messages;
            same.bytes += bytes;
          } else links.push({ from: rank, to, messages, bytes });
          return links;
        },
        [],
      ),
  );
  expect({ size, count, root, traffic }).toEqual({
    size,
    count,
    root,
    traffic: expected,
  });
}

const reductions = named.filter(([, algorithm]) => isReduction(algorithm));

describe.each(reductions)("%s of random float32", (_, algorithm) => {
  const inputs = (size: number, count: number): Float32Array[] => {
    const next = random(42);
    return ranksOf(size).map(() =>
      Float32Array.from({ length: count }, () => next() * 2 - 1),
    );
  };
  /** Each rank's result as bytes; null where it is scratch. */
  async function reduceAll(
    size: number,
    count: number,
    delays?: { seed: number },
  ): Promise<(string | null)[]> {
    const buffers = inputs(size, count);
    const sum = kernelFor("SUM", "float32");
    const { results } = await withRanks(
      size,
      async ({ channel, rank }) => {
        const buffer = buffers[rank]!;
        if (algorithm.collective === "allreduce")
          await algorithm.run(channel, buffer, sum);
        if (algorithm.collective === "reduce")
          await algorithm.run(channel, buffer, sum, 0);
        const isScratch = algorithm.collective === "reduce" && rank !== 0;
        return isScratch ? null : Buffer.from(bytesOf(buffer)).toString("hex");
      },
      { delays },
    );
    return [...results];
  }

  it.each(SIZES)("gives the same bits on all of %i ranks", async (size) => {
    const results = (await reduceAll(size, 1000)).filter((r) => r !== null);
    expect(new Set(results).size).toBe(1);
  });

  it.each(SIZES)("is near the exact sum, %i ranks", async (size) => {
    const [bits] = await reduceAll(size, 1000);
    const buffers = inputs(size, 1000);
    const bytes = Uint8Array.from(Buffer.from(bits!, "hex"));
    const errors = [...new Float32Array(bytes.buffer)].map((value, i) =>
      Math.abs(value - buffers.reduce((sum, buffer) => sum + buffer[i]!, 0)),
    );
    expect(Math.max(...errors)).toBeLessThan(size * 2 ** -23);
  });

  it.each([3, 5, 8])(
    "gives the same bits 20 times, in whatever order messages arrive, %i ranks",
    async (size) => {
      const first = await reduceAll(size, 100);
      for (let seed = 1; seed <= 20; seed++)
        expect(await reduceAll(size, 100, { seed })).toEqual(first);
    },
  );
});

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
