import type { Catalogue } from "../catalogue/catalogue";
import { type EpochPlan, fileOf, recordOf } from "../feed";
import { type Ids, listOfIds } from "./block";

/** One epoch of a pipeline, as its stages see it. */
export interface Pass {
  readonly plan: EpochPlan;
  /** A stage leaves these out for good. */
  dropped(ids: Ids): void;
  /** Of which record an item is made, for errors: `data/a.csv, record 17`. */
  placeOf(ids: Ids): string;
}

/** Of which record an item is made, in words. */
export function placeIn({ files }: Catalogue, ids: Ids): string {
  const list = listOfIds(ids);
  const [first] = list;
  if (first === undefined) return "no record";
  const place = `${files[fileOf(first)]!.path}, record ${recordOf(first)}`;
  return list.length === 1 ? place : `the item that begins with ${place}`;
}
