import type { Compression } from "@tsmpi/collective";
import type { Dtype } from "@tsmpi/protocol";
import type { BenchmarkName } from "./benchmarks";

/** What the command line asks of the ranks; reaches them as JSON in their argument. */
export interface BenchSettings {
  readonly name: BenchmarkName;
  /** In bytes; one 0 where the benchmark moves nothing. */
  readonly sizes: readonly number[];
  /** Names, or `auto`; empty where there are none to choose. */
  readonly algorithms: readonly string[];
  /** Each beside the algorithms, as one more. */
  readonly compressions: readonly Compression[];
  readonly dtype: Dtype;
  readonly buffers: readonly Buffers[];
  /** Null: by size. */
  readonly warmup: number | null;
  readonly iterations: number | null;
  readonly json: boolean;
  /** The table of the job before goes on. */
  readonly continues: boolean;
}

/** Where buffers lie: in memory from `MPI.Alloc_mem`, or in that of plain typed arrays. */
export const BUFFERS = ["arena", "ordinary"] as const;
export type Buffers = (typeof BUFFERS)[number];
