import {
  BOOLEAN,
  either,
  FUNCTION,
  isObject,
  type Kind,
  type Kinds,
  listOf,
  objectOf,
  oneOf,
  TEXT,
  whole,
} from "@tsmpi/protocol";
import type { CatalogueOptions } from "./catalogue/catalogue";
import type { SourceOptions } from "./pipeline/source";
import { QUALITY_OPTIONS } from "./quality/quality-options";

/** What files do not say themselves. Which formats, dtypes and columns there are, formats say. */
export const FORMAT_OPTIONS: Kinds<CatalogueOptions> = {
  format: TEXT,
  proto: TEXT,
  message: TEXT,
  features: objectOf("{ dtype, shape } of each feature, by its name"),
  arrays: listOf("a list of names", TEXT),
  labels: either(TEXT, oneOf([false])),
  classes: oneOf([10, 100]),
  header: BOOLEAN,
  delimiter: TEXT,
  columns: objectOf('types by name, such as { zip: "text" }'),
  dtype: TEXT,
  window: whole(1),
  channels: oneOf([1, 2, 3, 4]),
};

const POSITION: Kind = {
  words: "{ epoch, seed, seen }, as position() gives it",
  has: (value) =>
    isObject(value) &&
    whole(0).has(value.epoch) &&
    whole().has(value.seed) &&
    isObject(value.seen),
};

/** Of a dataset of one process. */
export const DATASET_OPTIONS: Kinds<SourceOptions & CatalogueOptions> = {
  shuffle: BOOLEAN,
  seed: whole(),
  position: POSITION,
  quality: objectOf("an object of what records must be like", QUALITY_OPTIONS),
  warn: FUNCTION,
  waitAtEnd: BOOLEAN,
  present: FUNCTION,
  ...FORMAT_OPTIONS,
};
