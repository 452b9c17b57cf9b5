import type {
  Catalogue,
  Feed,
  FileIndex,
  Partition,
  PartitionName,
  Remainder,
} from "@tsmpi/data";

/** A way in which the ranks of a job come to their records. */
export interface Mode {
  readonly name: string;
  /** One line for help. */
  readonly summary: string;
  /** Whether each rank reads files, or rank 0 alone does. */
  readonly isReadByAll: boolean;
  /** Whether other ranks get what a lost one has not had. */
  readonly takesOver: boolean;
  /** Those by which records can be dealt out in it. */
  readonly partitions: readonly PartitionName[];
  /** In place of another partition: what the mode does, and what to do instead. Ends a sentence. */
  readonly otherwise?: string;
  feed(dataset: SharedDataset): Feed;
}

/** A dataset that all ranks of a job have opened together. */
export interface SharedDataset {
  /** Datasets are numbered as they are opened, on every rank alike. */
  readonly number: number;
  readonly rank: number;
  readonly size: number;
  readonly catalogue: Catalogue;
  /**
   * One a file, the same on all ranks that read; null: it is compressed, and nobody knows what is where in it, or nobody has looked.
   * Empty on ranks that do not read.
   */
  readonly indexes: readonly (FileIndex | null)[];
  /** How many records each file has, the same on all ranks; null: not known. */
  readonly counts: readonly (number | null)[];
  readonly partition: Partition;
  readonly remainder: Remainder;
}
