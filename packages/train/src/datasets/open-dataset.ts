import { hostname } from "node:os";
import {
  type Catalogue,
  type CatalogueOptions,
  countIn,
  Dataset,
  type EpochSummary,
  type FileIndex,
  isEpochOver,
  joinAccounts,
  localFeed,
  nextEpoch,
  openCatalogue,
  openSource,
  indexFile,
  type Partition,
  quickIndexes,
  type Remainder,
  Source,
  type SourceOptions,
} from "@tsmpi/data";
import { DataError, MismatchError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import { AccountedFeed } from "./accounted-feed";
import { asTensors } from "./as-tensors";
import { checkDealing } from "./check-dealing";
import { assertKnown } from "./known-options";
import type { SharedDataset } from "./mode";
import { type ModeName, modeNamed } from "./modes";
import { settled, tellAll, toldByRoot } from "../told";

/** What `openDataset` takes. */
export interface OpenDatasetOptions extends CatalogueOptions, SourceOptions {
  /**
   * How ranks come to their records: `scatter` (default): rank 0 reads, and the others need not have the files; `assigned`: each
   * rank reads an equal part; `dynamic`: ranks take small parts as they finish those before.
   */
  readonly mode?: ModeName;
  /**
   * Which rank gets which record; the default is `{ by: "block" }`.
   *
   * - by rows: `{ by: "block" }` (neighbours together), `{ by: "cyclic" }` (one record after the other), `{ by: "block-cyclic", records }`
   *   (so many at a time): equally many for each rank; `{ by: "weighted", weights }`: in proportion to a weight of each rank
   * - by the value of a field, which rank 0 then decodes of every record: `{ by: "hash", key }` (records with one value go to one
   *   rank), `{ by: "range", key, bounds }` (ascending bounds, one less than ranks), `{ by: "stratified", key }` (of each value equally
   *   many to each rank)
   *
   * Mode `scatter` takes all, `assigned` `block` and `weighted`; in `dynamic` it is decided by how fast the ranks are.
   */
  readonly partition?: Partition;
  /**
   * Where records cannot be shared out equally: some ranks have more (`uneven`, the default), nobody gets what they would have more
   * (`drop`), or the others get some of their records again (`pad`). Ranks of a partition that is unequal by nature (`weighted`,
   * and all by value), and of mode `dynamic`, are never made equal: there it is `uneven`.
   */
  readonly remainder?: Remainder;
}

let opened = 0;

/**
 * The dataset that some files hold, whose records are dealt out to the ranks: each record of an epoch goes to one rank. Every rank
 * calls it, with the same arguments. A program that no launcher started has them all.
 *
 *     const images = await openDataset("data/train-*.tfrecord", { mode: "assigned", seed: 7 });
 *     const batches = images.select({ xs: "image", ys: "label" }).batch(64).prefetch(2);
 *     await model.fitDataset(batches, { epochs: 3 });
 *
 * @param patterns names of files and folders on rank 0's machine, with wildcards if you like; in modes other than `scatter` every
 * rank must have the files under the same names
 * @throws {DataError} on every rank: no file, files of several kinds, none with a record; or a rank does not have them
 * @throws {ArgumentError} on every rank: the mode does not take the partition, or the partition not the remainder
 * @throws {MismatchError} on every rank: the ranks open different datasets
 */
export async function openDataset(
  patterns: string | readonly string[],
  options: OpenDatasetOptions = {},
): Promise<Dataset> {
  const { size } = MPI.COMM_WORLD;
  assertKnown(options);
  const mode = modeNamed(options.mode ?? "scatter");
  assertSame(patterns, options);
  checkDealing(mode, options);
  const catalogue = await toldByRoot(() => openCatalogue(patterns, options));
  const number = opened++;
  const { partition = { by: "block" }, remainder = "uneven" } = options;
  const { position } = options;
  // What was saved with the last batch of an epoch in hand goes on with the next one.
  const least = remainder === "drop" ? size : 1;
  const isOver =
    position !== undefined &&
    (await toldByRoot(() => isEpochOver(catalogue, position.seen, least)));
  const presented = {
    ...{ present: asTensors, ...options },
    ...(isOver && { position: nextEpoch(position) }),
  };
  // Where files are read in another order than they lie, it is looked what is where in them sooner or later.
  const looks = options.shuffle ?? true;
  if (size === 1) {
    const feed = localFeed(
      catalogue,
      looks ? await quickIndexes(catalogue) : null,
    );
    return new Dataset(new Source(catalogue, feed, presented));
  }
  if (mode.isReadByAll) tellAll(await settled(assertThere(catalogue)));
  const indexes = mode.isReadByAll
    ? await indexAll(catalogue)
    : await indexByRoot(catalogue, looks);
  const { rank } = MPI.COMM_WORLD;
  const dealing = { partition, remainder };
  const shared = { number, rank, size, catalogue, ...indexes, ...dealing };
  const accounted = new AccountedFeed(mode, shared);
  const source = new Source(catalogue, accounted, presented);
  accounted.source = source;
  feeds.set(source, accounted);
  return new Dataset(source);
}

/** Of each dataset that several ranks share. */
const feeds = new WeakMap<Source, AccountedFeed>();

/**
 * Whether each record of the epoch that ended last on this rank went to exactly one rank. Resolves when all ranks have ended it;
 * only some of them need ask.
 *
 * @throws {DataError} no epoch has ended
 */
export async function epochSummary(
  dataset: Dataset<unknown>,
): Promise<EpochSummary> {
  const { source } = dataset;
  const feed = feeds.get(source);
  const summary = feed?.summary ?? null;
  if (summary !== null) return summary;
  const { account } = source;
  if (feed !== undefined || account === null)
    throw new DataError("no epoch of this dataset has ended");
  return joinAccounts(source.catalogue, [account]);
}

type Indexes = Pick<SharedDataset, "indexes" | "counts">;

/** Rank 0 alone looks into the files, if anybody does, and tells the others how many records there are. */
async function indexByRoot(
  catalogue: Catalogue,
  looks: boolean,
): Promise<Indexes> {
  let indexes: readonly (FileIndex | null)[] = [];
  const counts = await toldByRoot(async () => {
    if (!looks) return catalogue.files.map(() => null);
    indexes = await quickIndexes(catalogue);
    return indexes.map(countIn);
  });
  return { indexes, counts };
}

/** What is where in each file: every rank looks at some of them. */
async function indexAll(catalogue: Catalogue): Promise<Indexes> {
  const { rank, size } = MPI.COMM_WORLD;
  const own = async (): Promise<(readonly [number, FileIndex | null])[]> => {
    const found = [];
    for (let file = rank; file < catalogue.files.length; file += size)
      found.push([file, await indexFile(catalogue, file)] as const);
    return found;
  };
  const byFile = new Map(tellAll(await settled(own())).flat());
  const indexes = catalogue.files.map((_, file) => byFile.get(file)!);
  return { indexes, counts: indexes.map(countIn) };
}

/** @throws {MismatchError} on every rank, with what each says */
function assertSame(
  patterns: string | readonly string[],
  { position, ...options }: OpenDatasetOptions,
): void {
  const at = position && { epoch: position.epoch, seed: position.seed };
  const own = JSON.stringify({
    patterns,
    ...options,
    ...(at && { position: at }),
  });
  const all = MPI.COMM_WORLD.allgather(own);
  if (all.every((one) => one === own)) return;
  const each = all.map((one, rank) => `rank ${rank}: ${one}`).join("; ");
  throw new MismatchError(
    `openDataset: the ranks open different datasets (${each}); pass the same arguments on every rank`,
  );
}

/** @throws {DataError} a file that rank 0 has is missing here, or is another one */
async function assertThere({ files }: Catalogue): Promise<void> {
  const where = hostname();
  for (const { path, bytes } of files) {
    const source = await openSource(path).catch((cause: unknown) => {
      throw new DataError(
        `${where} does not have a file that rank 0 has: ${(cause as Error).message}; copy the files to every machine, or use mode "scatter", in which rank 0 alone reads`,
        { cause },
      );
    });
    if (source.bytes !== bytes)
      throw new DataError(
        `${path} has ${source.bytes} bytes on ${where}, and ${bytes} where rank 0 runs; copy the same files to every machine, or use mode "scatter", in which rank 0 alone reads`,
      );
  }
}
