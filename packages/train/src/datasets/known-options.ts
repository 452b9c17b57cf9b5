import { QUALITY_OPTIONS } from "@tsmpi/data";
import { ArgumentError } from "@tsmpi/protocol";
import type { OpenDatasetOptions } from "./open-dataset";

const OPTIONS = Object.keys({
  ...{ mode: true, partition: true, remainder: true },
  ...{ shuffle: true, seed: true, position: true, quality: true },
  ...{ warn: true, waitAtEnd: true, present: true },
  // What files do not say themselves.
  ...{ format: true, proto: true, message: true, features: true },
  ...{ arrays: true, labels: true, classes: true, header: true },
  ...{ delimiter: true, columns: true, dtype: true, window: true },
  channels: true,
} satisfies Record<keyof OpenDatasetOptions, true>);

/** @throws {ArgumentError} there is no such option, or it belongs elsewhere */
export function assertKnown(options: OpenDatasetOptions): void {
  if (typeof options.labels === "object")
    throw new ArgumentError(
      "openDataset: labels is the file with the labels, of IDX; for what labels must be like there is quality: { labels: { field, classes } }",
    );
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown === undefined) return;
  throw new ArgumentError(
    QUALITY_OPTIONS.includes(unknown)
      ? `openDataset: what records must be like is said in one place: quality: { ${unknown}: … }`
      : `openDataset has no option ${unknown}; its options are ${OPTIONS.join(", ")}`,
  );
}
