import {
  BOOLEAN,
  either,
  isObject,
  type Kind,
  type Kinds,
  listOf,
  oneOf,
  TEXT,
  whole,
} from "@tsmpi/protocol";
import { ON_BAD_RECORD, type QualityOptions } from "./guard";

const SHAPE = listOf("a list of lengths", whole(0));
const SHAPES: Kind = {
  words: "shapes by name, such as { image: [28, 28] }",
  has: (value) => isObject(value) && Object.values(value).every(SHAPE.has),
};

const LABELS: Kind = {
  words: "{ field, classes }, the name of a field and how many classes it has",
  has: (value) =>
    isObject(value) && TEXT.has(value.field) && whole(1).has(value.classes),
};

/** What each of them may be. */
export const QUALITY_OPTIONS: Kinds<QualityOptions> = {
  onBadRecord: oneOf(ON_BAD_RECORD),
  allowNonFinite: BOOLEAN,
  shapes: either(oneOf(["same"]), SHAPES),
  labels: LABELS,
  key: TEXT,
};
