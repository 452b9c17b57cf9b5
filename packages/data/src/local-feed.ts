import type { Catalogue } from "./catalogue/catalogue";
import { inGroups } from "./catalogue/in-groups";
import { quickIndex } from "./catalogue/index-file";
import type { Part } from "./epoch/read-part";
import { SPLIT_RECORDS, splitsOf } from "./epoch/splits";
import type { EpochPlan, Feed } from "./feed";
import type { FileIndex } from "./format";

/** All records of a dataset, for one process. */
export function localFeed(catalogue: Catalogue): Feed {
  let indexes: Promise<readonly (FileIndex | null)[]> | null = null;
  async function* parts(plan: EpochPlan): AsyncGenerator<Part> {
    // Only an order other than that of the files needs to know what is where in them.
    indexes ??= plan.isShuffled
      ? inGroups(catalogue.files, (_, i) => quickIndex(catalogue, i))
      : Promise.resolve(catalogue.files.map(() => null));
    for (const split of splitsOf(
      ...([catalogue, await indexes, plan, SPLIT_RECORDS] as const),
    ))
      yield { split };
  }
  return {
    epoch: (plan) => ({
      [Symbol.asyncIterator]: () => parts(plan),
      delivered() {},
    }),
  };
}
