import { HOSTS } from "./hosts.ts";
import { ratios } from "./ratios.ts";
import {
  type Allreduce,
  type OnHosts,
  type Results,
  roundsOf,
  type Step,
} from "./results.ts";

// What is divided by what, in each round.

/** How ours reduces. */
export type Way = Pick<Allreduce, "transport" | "buffers">;

/** Whom it is compared with. */
export type Peer = Pick<Allreduce, "peer" | "transport">;

export const GLOO = { peer: "gloo", transport: "tcp" } as const;
export const openMpi = (transport: Allreduce["transport"]) =>
  ({ peer: "openmpi", transport }) as const;

/** The times of an all-reduce ÷ those of a peer. */
export const timeRatios = (
  { allreduceMs }: Results,
  ours: Way & Pick<Allreduce, "ranks" | "bytes">,
  peer: Peer,
): number[] =>
  ratios(
    roundsOf(allreduceMs, { ...ours, peer: "tsmpi" }),
    roundsOf(allreduceMs, { ...ours, ...peer, buffers: "ordinary" }),
  );

/** The times of an all-reduce over hosts ÷ Gloo's. */
export const hostsRatios = (
  { hostsMs = [] }: Results,
  ours: Omit<OnHosts, "peer">,
): number[] =>
  ratios(
    roundsOf(hostsMs, { ...ours, peer: "tsmpi" }),
    roundsOf(hostsMs, { ...ours, peer: "gloo", buffers: "ordinary" }),
  );

/** Those times ÷ what the wire takes for 2 (h − 1) / h of the bytes. */
export const wireRatios = (
  { hostsMs = [] }: Results,
  way: OnHosts,
): number[] => {
  const { count, mbitPerS } = HOSTS;
  const perMs = (mbitPerS * 1e6) / 8 / 1_000;
  const floorMs = ((2 * (count - 1)) / count) * (way.bytes / perMs);
  return roundsOf(hostsMs, way).map((ms) => ms / floorMs);
};

/** Our samples a second ÷ DDP's. */
export const stepRatios = (
  { samplesPerS }: Results,
  step: Omit<Step, "peer">,
): number[] =>
  ratios(
    roundsOf(samplesPerS, { ...step, peer: "tsmpi" }),
    roundsOf(samplesPerS, { ...step, peer: "ddp" }),
  );

/** Samples a second ÷ (ranks × those of one rank). */
export const scaling = ({ samplesPerS }: Results, step: Step): number[] =>
  ratios(
    roundsOf(samplesPerS, step),
    roundsOf(samplesPerS, { ...step, ranks: 1 }).map((one) => step.ranks * one),
  );
