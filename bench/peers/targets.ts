import {
  GLOO,
  hostsRatios,
  openMpi,
  type Peer,
  scaling,
  stepRatios,
  timeRatios,
  type Way,
  wireRatios,
} from "./comparisons.ts";
import type { Allreduce, Results } from "./results.ts";

/** What a ratio is to be. */
export interface Limit {
  /** Reached where the ratio is not worse than this. */
  readonly limit: number;
  /** What would be better still. */
  readonly aim?: number;
}

export interface Target {
  readonly what: string;
  /** Times are to be small, samples a second great. */
  readonly better: "lower" | "higher";
  /** By number of ranks. */
  readonly limits: Readonly<Record<number, Limit>>;
  /** Of each round. */
  readonly ratios: (results: Results, ranks: number) => readonly number[];
}

const time = (
  what: string,
  way: Way & Pick<Allreduce, "bytes">,
  peer: Peer,
  limits: Target["limits"],
): Target => ({
  ...{ what, limits, better: "lower" },
  ratios: (results, ranks) => timeRatios(results, { ...way, ranks }, peer),
});

const step = (model: string, limits: Target["limits"]): Target => ({
  ...{ what: `${model} step, samples/s ÷ PyTorch DDP's`, limits },
  better: "higher",
  ratios: (results, ranks) => stepRatios(results, { model, ranks }),
});

const scales = (model: string, limits: Target["limits"]): Target => ({
  ...{ what: `${model} step, samples/s ÷ (ranks × one rank's)`, limits },
  better: "higher",
  ratios: (results, ranks) => scaling(results, { peer: "tsmpi", model, ranks }),
});

/** 4 ranks on 2 hosts. */
const between = (
  what: string,
  limit: number,
  ratios: (results: Results) => readonly number[],
): Target => ({
  ...{ what, better: "lower", limits: { 4: { limit } } },
  ratios: (results, ranks) => (ranks === 4 ? ratios(results) : []),
});

const ARENA = { transport: "shm", buffers: "arena" } as const;
const ORDINARY = { transport: "shm", buffers: "ordinary" } as const;
const TCP = { limit: 1.3, aim: 1 };

export const TARGETS: readonly Target[] = [
  time("100 MB, arena, shm ÷ Gloo", { ...ARENA, bytes: 100e6 }, GLOO, {
    2: { limit: 0.15 },
    4: { limit: 0.1 },
  }),
  time("100 MB, ordinary, shm ÷ Gloo", { ...ORDINARY, bytes: 100e6 }, GLOO, {
    2: { limit: 0.4 },
    4: { limit: 0.3 },
  }),
  time(
    "100 MB, ordinary, shm ÷ Open MPI's",
    { ...ORDINARY, bytes: 100e6 },
    openMpi("shm"),
    { 2: { limit: 0.45 }, 4: { limit: 0.2 } },
  ),
  time("1 MiB, ordinary, shm ÷ Gloo", { ...ORDINARY, bytes: 2 ** 20 }, GLOO, {
    2: { limit: 0.5 },
    4: { limit: 0.15 },
  }),
  time("4 B, ordinary, shm ÷ Gloo", { ...ORDINARY, bytes: 4 }, GLOO, {
    2: { limit: 0.3 },
    4: { limit: 0.3 },
  }),
  ...[25e6, 100e6].flatMap((bytes) =>
    (["arena", "ordinary"] as const).map((buffers) =>
      time(
        `${bytes / 1e6} MB, ${buffers}, tcp ÷ Gloo`,
        { transport: "tcp", buffers, bytes },
        GLOO,
        { 2: TCP, 4: TCP },
      ),
    ),
  ),
  between(
    "100 MB, arena, 2 hosts at 1 Gbit/s ÷ the wire's 2(h−1)/h·S/B",
    1.1,
    (results) =>
      wireRatios(results, { peer: "tsmpi", buffers: "arena", bytes: 100e6 }),
  ),
  between("100 MB, arena, 2 hosts at 1 Gbit/s ÷ Gloo", 0.6, (results) =>
    hostsRatios(results, { buffers: "arena", bytes: 100e6 }),
  ),
  step("mlp", { 2: { limit: 1.15, aim: 1.3 }, 4: { limit: 1.1 } }),
  step("cnn", { 2: { limit: 1.1 }, 4: { limit: 1 } }),
  scales("mlp", { 2: { limit: 0.8 } }),
  scales("cnn", { 2: { limit: 0.95 } }),
];
