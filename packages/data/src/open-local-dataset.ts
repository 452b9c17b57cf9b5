import { checkOptions } from "@tsmpi/protocol";
import { type CatalogueOptions, openCatalogue } from "./catalogue/catalogue";
import { DATASET_OPTIONS } from "./dataset-options";
import { isEpochOver } from "./epoch/is-epoch-over";
import { localFeed } from "./local-feed";
import { Dataset } from "./pipeline/dataset";
import { nextEpoch, Source, type SourceOptions } from "./pipeline/source";

/**
 * The dataset that some files hold, for one process.
 *
 * @param patterns as for `openCatalogue`
 * @throws {DataError} no file, files of several kinds, or none with a record
 * @throws {ArgumentError} an option is not what it must be
 */
export async function openLocalDataset(
  patterns: string | readonly string[],
  options: CatalogueOptions & SourceOptions = {},
): Promise<Dataset> {
  checkOptions("openLocalDataset", options, DATASET_OPTIONS);
  const catalogue = await openCatalogue(patterns, options);
  const { position } = options;
  const isOver =
    position !== undefined && (await isEpochOver(catalogue, position.seen));
  return new Dataset(
    new Source(catalogue, localFeed(catalogue), {
      ...options,
      ...(isOver && { position: nextEpoch(position) }),
    }),
  );
}
