import {
  type AnyAlgorithm,
  type Collective,
  kernelFor,
  type PointToPoint,
} from "@tsmpi/collective";
import { blockOf, bytesOf, lengthOf, type TypedArray } from "@tsmpi/protocol";

export const ranksOf = (size: number): number[] =>
  Array.from({ length: size }, (_, rank) => rank);

/** Rank r's part of `count` elements in a reduce-scatter. */
export const evenCounts = (count: number, size: number): number[] =>
  ranksOf(size).map((rank) => lengthOf(blockOf(count, size, rank)));

/** Bytes that tell who made them, and for whom. */
export function bytesFrom(
  count: number,
  source: number,
  dest = 0,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) bytes[i] = i + source + 16 * dest;
  return bytes;
}

/** Element i of rank r's buffer; small enough that sums of them are exact in float32. */
const elementOf = (rank: number, i: number): number =>
  (rank + 1) * ((i % 97) + 1);

/** The sum of the elements of the ranks below `end`. */
function sums(end: number, count: number): Float32Array {
  const result = new Float32Array(count);
  for (let i = 0; i < count; i++)
    result[i] = ((end * (end + 1)) / 2) * ((i % 97) + 1);
  return result;
}

function inputOf(rank: number, count: number): Float32Array {
  const buffer = new Float32Array(count);
  for (let i = 0; i < count; i++) buffer[i] = elementOf(rank, i);
  return buffer;
}

export const expectBytes = (actual: Uint8Array, expected: Uint8Array): void =>
  expect(Buffer.compare(actual, expected)).toBe(0);
const expectElements = (actual: TypedArray, expected: TypedArray): void =>
  expectBytes(bytesOf(actual), bytesOf(expected));

export function expectBlocks(
  blocks: readonly Uint8Array[],
  expected: readonly Uint8Array[],
): void {
  expect(blocks).toHaveLength(expected.length);
  blocks.forEach((block, rank) => expectBytes(block, expected[rank]!));
}

/**
 * One rank's part in a call of `count`: runs the algorithm and throws if the result is not what MPI says it is.
 * The switch has no default: a new collective is a case here.
 */
export async function runAndCheck(
  algorithm: AnyAlgorithm,
  channel: PointToPoint,
  { count, root }: { count: number; root: number },
): Promise<void> {
  const { rank, size } = channel;
  const isRoot = rank === root;
  const sum = kernelFor("SUM", "float32");
  switch (algorithm.collective) {
    case "allreduce": {
      const buffer = inputOf(rank, count);
      await algorithm.run(channel, buffer, sum);
      expectElements(buffer, sums(size, count));
      return;
    }
    case "reduce": {
      const buffer = inputOf(rank, count);
      await algorithm.run(channel, buffer, sum, root);
      if (isRoot) expectElements(buffer, sums(size, count));
      return;
    }
    case "reduceScatter": {
      const buffer = inputOf(rank, count);
      await algorithm.run(channel, buffer, evenCounts(count, size), sum);
      const { start, end } = blockOf(count, size, rank);
      expectElements(
        buffer.subarray(start, end),
        sums(size, count).subarray(start, end),
      );
      return;
    }
    case "scan": {
      const buffer = inputOf(rank, count);
      await algorithm.run(channel, buffer, sum);
      expectElements(buffer, sums(rank + 1, count));
      return;
    }
    case "exscan": {
      const buffer = inputOf(rank, count);
      await algorithm.run(channel, buffer, sum);
      expectElements(
        buffer,
        rank === 0 ? inputOf(0, count) : sums(rank, count),
      );
      return;
    }
    case "bcast": {
      const bytes = isRoot ? bytesFrom(count, root) : null;
      const received = await algorithm.run(channel, bytes, root);
      expectBytes(received, bytesFrom(count, root));
      return;
    }
    case "barrier":
      return algorithm.run(channel);
    case "gather":
    case "scatter":
    case "allgather":
    case "alltoall":
      return moveAndCheck(algorithm, channel, { root, lengthOf: () => count });
  }
}

/** Algorithms that hand blocks around. */
export type BlockMover = Extract<
  AnyAlgorithm,
  { collective: "gather" | "scatter" | "allgather" | "alltoall" }
>;

/** As `runAndCheck`; the blocks of the result are checked when those that were given have been overwritten. */
export async function moveAndCheck(
  algorithm: BlockMover,
  channel: PointToPoint,
  {
    root,
    lengthOf,
  }: { root: number; lengthOf: (source: number, dest: number) => number },
): Promise<void> {
  const { rank, size } = channel;
  const block = (source: number, dest: number) =>
    bytesFrom(lengthOf(source, dest), source, dest);
  switch (algorithm.collective) {
    case "gather": {
      const own = block(rank, root);
      const blocks = await algorithm.run(channel, own, root);
      own.fill(0xee);
      const expected = ranksOf(size).map((source) => block(source, root));
      if (rank === root) expectBlocks(blocks!, expected);
      else expect(blocks).toBeNull();
      return;
    }
    case "scatter": {
      const blocks = ranksOf(size).map((dest) => block(root, dest));
      const own = await algorithm.run(
        channel,
        rank === root ? blocks : null,
        root,
      );
      for (const given of blocks) given.fill(0xee);
      expectBytes(own, block(root, rank));
      return;
    }
    case "allgather": {
      const own = block(rank, 0);
      const blocks = await algorithm.run(channel, own);
      own.fill(0xee);
      expectBlocks(
        blocks,
        ranksOf(size).map((source) => block(source, 0)),
      );
      return;
    }
    case "alltoall": {
      const given = ranksOf(size).map((dest) => block(rank, dest));
      const blocks = await algorithm.run(channel, given);
      for (const own of given) own.fill(0xee);
      expectBlocks(
        blocks,
        ranksOf(size).map((source) => block(source, rank)),
      );
      return;
    }
  }
}

/** Reductions, whose `count` is elements. */
export const REDUCTIONS = [
  "allreduce",
  "reduce",
  "reduceScatter",
  "scan",
  "exscan",
] as const satisfies readonly Collective[];

export type Reduction = Extract<
  AnyAlgorithm,
  { collective: (typeof REDUCTIONS)[number] }
>;

export const isReduction = (algorithm: AnyAlgorithm): algorithm is Reduction =>
  (REDUCTIONS as readonly Collective[]).includes(algorithm.collective);

export const takesRoot = ({ collective }: AnyAlgorithm): boolean =>
  ["reduce", "bcast", "gather", "scatter"].includes(collective);

/** `["allreduce ring", allreduceRing]`: for `describe.each`. */
export const named = <Which extends AnyAlgorithm>(
  algorithms: readonly Which[],
): (readonly [string, Which])[] =>
  algorithms.map((algorithm) => [
    `${algorithm.collective} ${algorithm.name}`,
    algorithm,
  ]);
