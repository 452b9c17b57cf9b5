import type { Optimizer } from "@tensorflow/tfjs";

/** The learning rate of the update that follows `updates` others. A function of that number alone, so that all ranks agree. */
export type LearningRateSchedule = (updates: number) => number;

const schedules = new WeakMap<Optimizer, LearningRateSchedule>();

export const setSchedule = (
  optimizer: Optimizer,
  schedule: LearningRateSchedule,
): void => void schedules.set(optimizer, schedule);

/** Called on every rank before each update. */
export function applySchedule(optimizer: Optimizer, updates: number): void {
  const schedule = schedules.get(optimizer);
  if (schedule) setLearningRate(optimizer, schedule(updates));
}

/** TypeScript hides what every optimizer of TensorFlow.js has. */
interface WithLearningRate {
  learningRate: number;
  /** Of those that keep it in a tensor, too. */
  setLearningRate?(learningRate: number): void;
}

export function setLearningRate(
  optimizer: Optimizer,
  learningRate: number,
): void {
  const target = optimizer as unknown as WithLearningRate;
  if (target.setLearningRate) target.setLearningRate(learningRate);
  else target.learningRate = learningRate;
}
