import {
  blockPartition,
  type EpochPlan,
  type Feed,
  type FileRecords,
  openDealer,
  type Partition,
  readSplit,
  shareOf,
  sliceRecords,
  splitsOf,
  totalRecords,
} from "@tsmpi/data";
import { ArgumentError, lengthOf } from "@tsmpi/protocol";
import { throwLoss } from "../loss";
import type { Mode, SharedDataset } from "../mode";

/** Few enough to be mixed well, enough to be read at a stretch. */
const SPLIT_RECORDS = 4096;

/**
 * Every rank reads its own part of the files. Files in which it is known what is where are one long row of records, of which each
 * rank has a block. Of others whole files are dealt out, by their length; where they are fewer than ranks, each rank reads all of
 * them and keeps its share.
 */
export const assigned: Mode = {
  name: "assigned",
  summary: "every rank reads its own part of the files",
  isReadByAll: true,
  partitions: ["block", "weighted"],
  otherwise:
    'so that no rank reads what another one has; mode "scatter" takes all partitions',
  feed(dataset) {
    assertDivisible(dataset);
    return {
      records: recordsOf(dataset),
      epoch: (plan) => ({
        [Symbol.asyncIterator]: () => guarded(read(dataset, plan)),
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

async function* guarded(
  records: AsyncIterable<FileRecords>,
): AsyncGenerator<FileRecords> {
  for await (const one of records) {
    throwLoss();
    yield one;
  }
  throwLoss();
}

async function* read(
  dataset: SharedDataset,
  plan: EpochPlan,
): AsyncGenerator<FileRecords> {
  const { catalogue, indexes } = dataset;
  const splits = splitsOf(catalogue, indexes, plan, SPLIT_RECORDS);
  const known = splits.filter(({ records }) => records !== null);
  const share = { ...dataset, weights: weightsOf(dataset.partition) };
  for (const { split, from, to } of shareOf(known, plan.seen, share)) {
    let at = 0;
    for await (const { file, records } of readSplit(
      catalogue,
      split,
      plan.seen,
    )) {
      const [count, begin] = [records.starts.length, at];
      at += count;
      const [first, end] = [
        Math.max(from - begin, 0),
        Math.min(to - begin, count),
      ];
      if (first < end)
        yield { file, records: sliceRecords(records, first, end) };
      if (at >= to) break;
    }
  }
  const unknown = splits.filter(({ records }) => records === null);
  yield* unknown.length < dataset.size
    ? readAll(dataset, plan, unknown)
    : readWhole(dataset, plan, unknown);
}

type Splits = ReturnType<typeof splitsOf>;

const weightsOf = (partition: Partition): readonly number[] | undefined =>
  partition.by === "weighted" ? partition.weights : undefined;

/** Longest first, each to the rank that will be through with it first. */
async function* readWhole(
  { catalogue, rank, size, partition }: SharedDataset,
  plan: EpochPlan,
  splits: Splits,
): AsyncGenerator<FileRecords> {
  const bytesOf = ({ file }: Splits[number]) => catalogue.files[file]!.bytes;
  const loads = Array.from({ length: size }, () => 0);
  const weights = weightsOf(partition) ?? loads.map(() => 1);
  const longestFirst = [...splits].sort((a, b) => bytesOf(b) - bytesOf(a));
  for (const split of longestFirst) {
    const ends = loads.map((load, i) => (load + bytesOf(split)) / weights[i]!);
    const first = ends.indexOf(Math.min(...ends));
    loads[first]! += bytesOf(split);
    if (first === rank) yield* readSplit(catalogue, split, plan.seen);
  }
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
