import { hostname } from "node:os";
import {
  type Catalogue,
  type CatalogueOptions,
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
  type Remainder,
  Source,
  type SourceOptions,
} from "@tsmpi/data";
import { DataError, MismatchError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import { AccountedFeed } from "./accounted-feed";
import { asTensors } from "./as-tensors";
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
   * Where records cannot be shared out equally (not in `dynamic`): some ranks have one more (`uneven`, the default), nobody gets
   * the last ones (`drop`), or ranks with one less get one twice (`pad`).
   */
  readonly remainder?: Remainder;
}

let opened = 0;

/**
 * The dataset that some files hold, whose records are dealt out to the ranks: each record of an epoch goes to one rank. Every rank
 * calls it, with the same arguments. A program that no launcher started has them all.
 *
 *     const images = await openDataset("data/train-*.tfrecord", { mode: "assigned", seed: 7 });
 *     const batches = images.map(({ image, label }) => ({ xs: image, ys: label })).batch(64).prefetch(2);
 *     await model.fitDataset(batches, { epochs: 3 });
 *
 * @param patterns names of files and folders on rank 0's machine, with wildcards if you like; in modes other than `scatter` every
 * rank must have the files under the same names
 * @throws {DataError} on every rank: no file, files of several kinds, none with a record; or a rank does not have them
 * @throws {MismatchError} on every rank: the ranks open different datasets
 */
export async function openDataset(
  patterns: string | readonly string[],
  options: OpenDatasetOptions = {},
): Promise<Dataset> {
  const { size } = MPI.COMM_WORLD;
  const mode = modeNamed(options.mode ?? "scatter");
  assertSame(patterns, options);
  const catalogue = await toldByRoot(() => openCatalogue(patterns, options));
  const number = opened++;
  const { remainder = "uneven", position } = options;
  // What was saved with the last batch of an epoch in hand goes on with the next one.
  const least = remainder === "drop" ? size : 1;
  const isOver =
    position !== undefined &&
    (await toldByRoot(() => isEpochOver(catalogue, position.seen, least)));
  const presented = {
    ...{ present: asTensors, ...options },
    ...(isOver && { position: nextEpoch(position) }),
  };
  if (size === 1) {
    const feed = localFeed(catalogue);
    return new Dataset(new Source(catalogue, feed, presented));
  }
  if (mode.isReadByAll) tellAll(await settled(assertThere(catalogue)));
  const indexes = mode.isReadByAll ? await indexAll(catalogue) : [];
  const { rank } = MPI.COMM_WORLD;
  const shared = { number, rank, size, catalogue, indexes, remainder };
  const feed = mode.feed(shared);
  const accounted = new AccountedFeed(feed, shared);
  const source = new Source(catalogue, accounted, presented);
  accounted.quality = () => source.quality;
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

/** What is where in each file: every rank looks at some of them. */
async function indexAll(
  catalogue: Catalogue,
): Promise<readonly (FileIndex | null)[]> {
  const { rank, size } = MPI.COMM_WORLD;
  const own = async (): Promise<(readonly [number, FileIndex | null])[]> => {
    const found = [];
    for (let file = rank; file < catalogue.files.length; file += size)
      found.push([file, await indexFile(catalogue, file)] as const);
    return found;
  };
  const indexes = new Map(tellAll(await settled(own())).flat());
  return catalogue.files.map((_, file) => indexes.get(file)!);
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
