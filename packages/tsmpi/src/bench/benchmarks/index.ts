import type { Benchmark } from "../benchmark";
import { helloworld } from "./helloworld";
import { bandwidth, pingpong, ringtest } from "./messages";
import { allreduce, exscan, reduce, reduceScatter, scan } from "./reductions";
import {
  allgather,
  alltoall,
  barrier,
  bcast,
  gather,
  scatter,
} from "./transfers";
import { allgatherv, alltoallv, gatherv, scatterv } from "./vectors";

/** What `tsrun bench` measures, by the name that it is asked for. A new one is an entry and a line here. */
export const BENCHMARKS = {
  helloworld,
  ringtest,
  pingpong,
  bandwidth,
  barrier,
  bcast,
  scatter,
  gather,
  allgather,
  alltoall,
  scatterv,
  gatherv,
  allgatherv,
  alltoallv,
  reduce,
  allreduce,
  reduce_scatter: reduceScatter,
  scan,
  exscan,
} as const satisfies Readonly<Record<string, Benchmark>>;

export type BenchmarkName = keyof typeof BENCHMARKS;

export const BENCHMARK_NAMES = Object.keys(
  BENCHMARKS,
) as readonly BenchmarkName[];

export const benchmarkNamed = (name: BenchmarkName): Benchmark =>
  BENCHMARKS[name];
