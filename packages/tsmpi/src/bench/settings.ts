import type { Dtype } from "@tsmpi/protocol";
import type { BenchmarkName } from "./benchmarks";

/** What the command line asks of the ranks; reaches them as JSON in their argument. */
export interface BenchSettings {
  readonly name: BenchmarkName;
  /** In bytes; one 0 where the benchmark moves nothing. */
  readonly sizes: readonly number[];
  /** Names, or `auto`; empty where there are none to choose. */
  readonly algorithms: readonly string[];
  readonly dtype: Dtype;
  readonly buffers: Buffers;
  /** Null: by size. */
  readonly warmup: number | null;
  readonly iterations: number | null;
  readonly json: boolean;
}

export const BUFFERS = ["arena", "own"] as const;
export type Buffers = (typeof BUFFERS)[number];
