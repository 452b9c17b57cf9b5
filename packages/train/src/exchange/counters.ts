import type { Optimizer } from "@tensorflow/tfjs";

/** How far a training is: with the seed and the rank, all that its random streams depend on. The same on every rank. */
export interface TrainingCounters {
  readonly seed: number;
  /** Epochs begun. */
  readonly epochs: number;
  /** Steps begun. */
  readonly steps: number;
}

const counters = new WeakMap<Optimizer, TrainingCounters>();

/** Null for an optimizer that is not distributed. */
export const countersOf = (optimizer: Optimizer): TrainingCounters | null =>
  counters.get(optimizer) ?? null;

/** The training goes on from there. */
export const setCounters = (
  optimizer: Optimizer,
  value: TrainingCounters,
): void => void counters.set(optimizer, value);
