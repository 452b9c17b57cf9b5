import type { Catalogue, Feed, FileIndex, Remainder } from "@tsmpi/data";

/** A way in which the ranks of a job come to their records. */
export interface Mode {
  readonly name: string;
  /** One line for help. */
  readonly summary: string;
  /** Whether each rank reads files, or rank 0 alone does. */
  readonly isReadByAll: boolean;
  feed(dataset: SharedDataset): Feed;
}

/** A dataset that all ranks of a job have opened together. */
export interface SharedDataset {
  /** Datasets are numbered as they are opened, on every rank alike. */
  readonly number: number;
  readonly rank: number;
  readonly size: number;
  readonly catalogue: Catalogue;
  /** One a file, the same on all ranks; null: it is compressed, and nobody knows what is where in it. Empty where only rank 0 reads. */
  readonly indexes: readonly (FileIndex | null)[];
  readonly remainder: Remainder;
}
