import { DATASET_OPTIONS, QUALITY_OPTIONS, REMAINDERS } from "@tsmpi/data";
import {
  ArgumentError,
  checkOptions,
  type Kinds,
  objectOf,
  oneOf,
  TEXT,
} from "@tsmpi/protocol";
import type { OpenDatasetOptions } from "./open-dataset";

const OPTIONS: Kinds<OpenDatasetOptions> = {
  mode: TEXT,
  partition: objectOf('an object such as { by: "block" }'),
  remainder: oneOf(REMAINDERS),
  ...DATASET_OPTIONS,
};

/** @throws {ArgumentError} there is no such option, it belongs elsewhere, or it is not what it must be */
export function assertKnown(options: OpenDatasetOptions): void {
  if (typeof options?.labels === "object")
    throw new ArgumentError(
      "openDataset: labels is the file with the labels, of IDX; for what labels must be like there is quality: { labels: { field, classes } }",
    );
  const elsewhere = Object.keys(options ?? {}).find(
    (name) => !(name in OPTIONS) && name in QUALITY_OPTIONS,
  );
  if (elsewhere !== undefined)
    throw new ArgumentError(
      `openDataset: what records must be like is said in one place: quality: { ${elsewhere}: … }`,
    );
  checkOptions("openDataset", options, OPTIONS);
}
