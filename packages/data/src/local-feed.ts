import type { Catalogue } from "./catalogue/catalogue";
import { countIn, quickIndexes, totalRecords } from "./catalogue/index-file";
import type { Part } from "./epoch/read-part";
import { SPLIT_RECORDS, splitsOf } from "./epoch/splits";
import type { EpochPlan, Feed } from "./feed";
import type { FileIndex } from "./format";

type Indexes = readonly (FileIndex | null)[];

/**
 * All records of a dataset, for one process.
 *
 * @param known what is where in the files, where somebody has looked
 */
export function localFeed(
  catalogue: Catalogue,
  known: Indexes | null = null,
): Feed {
  let indexes = known && Promise.resolve(known);
  async function* parts(plan: EpochPlan): AsyncGenerator<Part> {
    // Only an order other than that of the files needs to know what is where in them.
    indexes ??= plan.isShuffled
      ? quickIndexes(catalogue)
      : Promise.resolve(catalogue.files.map(() => null));
    for (const split of splitsOf(
      ...([catalogue, await indexes, plan, SPLIT_RECORDS] as const),
    ))
      yield { split };
  }
  return {
    records: known && totalRecords(known.map(countIn)),
    epoch: (plan) => ({
      [Symbol.asyncIterator]: () => parts(plan),
      delivered() {},
    }),
  };
}
