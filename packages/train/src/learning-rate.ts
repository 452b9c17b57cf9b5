import { tf } from "@tsmpi/engine";
import { ArgumentError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import type { Callback } from "@tensorflow/tfjs";
import { setSchedule } from "./exchange/step-learning-rate";

/**
 * A learning rate for the batch of all ranks together, from one that is good for the batch of one rank: times the number of
 * ranks ("linear"), or times its square root ("sqrt", for Adam).
 *
 * Source: Goyal et al., Accurate, Large Minibatch SGD, 2017. arXiv:1706.02677
 */
export function scaleLearningRate(
  learningRate: number,
  rule: "linear" | "sqrt" = "linear",
): number {
  const { size } = MPI.COMM_WORLD;
  return learningRate * (rule === "linear" ? size : Math.sqrt(size));
}

/** What `learningRateWarmup` takes. */
export interface WarmupOptions {
  /** The rate behind the warm-up. */
  readonly learningRate: number;
  /** Updates of the weights until it is reached. */
  readonly steps: number;
  /** The rate of the first update. Default: `learningRate` divided by the number of ranks. */
  readonly from?: number;
}

/**
 * A callback for `fit` and `fitDataset` that raises the learning rate evenly, update by update, which large batches need at the
 * start. It counts the updates of all ranks, not this rank's batches, so the rate is the same everywhere; and a checkpoint
 * carries that count. Every rank passes it.
 *
 * Source: Goyal et al., Accurate, Large Minibatch SGD, 2017. arXiv:1706.02677
 *
 * @throws {ArgumentError} a rate or the number of steps is not positive
 */
export function learningRateWarmup({
  learningRate,
  steps,
  from = learningRate / MPI.COMM_WORLD.size,
}: WarmupOptions): Callback {
  if (!(learningRate > 0 && from > 0 && Number.isInteger(steps) && steps > 0))
    throw new ArgumentError(
      `learningRateWarmup: learningRate (${learningRate}), from (${from}) and steps (${steps}) must be positive, steps a whole number`,
    );
  const rateOf = (updates: number) =>
    updates >= steps
      ? learningRate
      : from + ((learningRate - from) * updates) / steps;
  const callback = new (class extends tf.Callback {})();
  return Object.assign(callback, {
    onTrainBegin: async (): Promise<void> => {
      setSchedule(callback.model.optimizer, rateOf);
      return Promise.resolve();
    },
  });
}
