import { type CatalogueOptions, openCatalogue } from "./catalogue/catalogue";
import { localFeed } from "./local-feed";
import { Dataset } from "./pipeline/dataset";
import { Source, type SourceOptions } from "./pipeline/source";

/**
 * The dataset that some files hold, for one process.
 *
 * @param patterns as for `openCatalogue`
 * @throws {DataError} no file, files of several kinds, or none with a record
 */
export async function openLocalDataset(
  patterns: string | readonly string[],
  options: CatalogueOptions & SourceOptions = {},
): Promise<Dataset> {
  const catalogue = await openCatalogue(patterns, options);
  return new Dataset(new Source(catalogue, localFeed(catalogue), options));
}
