import {
  blockPartition,
  type EpochPlan,
  type Feed,
  type FileRecords,
  openDealer,
  type Part,
  type Partition,
  readSplit,
  shareOf,
  SPLIT_RECORDS,
  splitsOf,
  totalRecords,
} from "@tsmpi/data";
import { ArgumentError, lengthOf } from "@tsmpi/protocol";
import { throwLoss } from "../loss";
import type { Mode, SharedDataset } from "../mode";

/**
 * Every rank reads its own part of the files. Files in which it is known what is where are one long row of records, of which each
 * rank has a block. Of others whole files are dealt out, by their length; where they are fewer than ranks, each rank reads all of
 * them and keeps its share.
 */
export const assigned: Mode = {
  name: "assigned",
  summary: "every rank reads its own part of the files",
  isReadByAll: true,
  takesOver: false,
  partitions: ["block", "weighted"],
  otherwise:
    'so that no rank reads what another one has; mode "scatter" takes all partitions',
  feed(dataset) {
    assertDivisible(dataset);
    return {
      records: recordsOf(dataset),
      epoch: (plan) => ({
        [Symbol.asyncIterator]: () => guarded(partsOf(dataset, plan)),
        delivered() {},
      }),
    } satisfies Feed;
  },
};

/** null: not all files tell. */
function recordsOf(dataset: SharedDataset): number | null {
  const { counts, rank, size, remainder, partition } = dataset;
  const all = totalRecords(counts);
  if (all === null) return null;
  const weights = weightsOf(partition);
  return lengthOf(blockPartition(all, size, { remainder, weights })[rank]!);
}

/** @throws {ArgumentError} on every rank: what the ranks get of some files cannot be made equal */
function assertDivisible({ catalogue, indexes, remainder }: SharedDataset) {
  const whole = indexes.findIndex((index) => index === null);
  if (remainder === "uneven" || whole < 0) return;
  throw new ArgumentError(
    `openDataset: remainder "${remainder}" needs files in which reading can begin anywhere, and ${catalogue.files[whole]!.path} can only be read from its beginning; use mode "scatter", or unpack the files`,
  );
}

async function* guarded<T>(parts: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const one of parts) {
    throwLoss();
    yield one;
  }
  throwLoss();
}

async function* partsOf(
  dataset: SharedDataset,
  plan: EpochPlan,
): AsyncGenerator<Part | FileRecords> {
  const { catalogue, indexes } = dataset;
  const splits = splitsOf(catalogue, indexes, plan, SPLIT_RECORDS);
  const known = splits.filter(({ records }) => records !== null);
  const share = { ...dataset, weights: weightsOf(dataset.partition) };
  yield* shareOf(known, plan.seen, share);
  const unknown = splits.filter(({ records }) => records === null);
  yield* unknown.length < dataset.size
    ? readAll(dataset, plan, unknown)
    : wholeFiles(dataset, unknown);
}

type Splits = ReturnType<typeof splitsOf>;

const weightsOf = (partition: Partition): readonly number[] | undefined =>
  partition.by === "weighted" ? partition.weights : undefined;

/** Longest first, each to the rank that will be through with it first. */
function wholeFiles(
  { catalogue, rank, size, partition }: SharedDataset,
  splits: Splits,
): Part[] {
  const own: Part[] = [];
  const bytesOf = ({ file }: Splits[number]) => catalogue.files[file]!.bytes;
  const loads = Array.from({ length: size }, () => 0);
  const weights = weightsOf(partition) ?? loads.map(() => 1);
  const longestFirst = [...splits].sort((a, b) => bytesOf(b) - bytesOf(a));
  for (const split of longestFirst) {
    const ends = loads.map((load, i) => (load + bytesOf(split)) / weights[i]!);
    const first = ends.indexOf(Math.min(...ends));
    loads[first]! += bytesOf(split);
    if (first === rank) own.push({ split });
  }
  return own;
}

async function* readAll(
  { catalogue, rank, size, partition }: SharedDataset,
  plan: EpochPlan,
  splits: Splits,
): AsyncGenerator<FileRecords> {
  const dealer = await openDealer(catalogue, partition, size);
  for (const split of splits)
    for await (const run of readSplit(catalogue, split, plan.seen))
      for (const { to, ...dealt } of dealer.deal(run))
        if (to === rank) yield dealt;
}
