import tf from "@tensorflow/tfjs";
import type { ApplyValues } from "./engine";

/** One weight of a step, with its two moments. */
export interface AdamWeight {
  readonly value: tf.Variable;
  readonly first: tf.Variable;
  readonly second: tf.Variable;
  /** Of the weight's shape: a tensor, or values that lie outside of the engine. */
  readonly gradient: tf.Tensor | Float32Array;
}

/** What both implementations take, in this order. */
export type AdamConstants = readonly [
  beta1: number,
  oneMinusBeta1: number,
  beta2: number,
  oneMinusBeta2: number,
  correction1: number,
  correction2: number,
  epsilon: number,
  minusLearningRate: number,
];

/** Gives weights and moments their new values. */
export type AdamStep = (
  weights: readonly AdamWeight[],
  constants: AdamConstants,
) => void;

/** What the optimizer keeps to itself. */
interface AdamState {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly accBeta1: tf.Variable;
  readonly accBeta2: tf.Variable;
  readonly accumulatedFirstMoment: readonly Slot[];
  readonly accumulatedSecondMoment: readonly Slot[];
  incrementIterations(): void;
}
interface Slot {
  readonly variable: tf.Variable;
}

type Gradients = Parameters<tf.AdamOptimizer["applyGradients"]>[0];
type ApplyGradients = (this: AdamState, gradients: Gradients) => void;

/** Of a variable, in its shape. */
interface Entry {
  readonly name: string;
  readonly gradient: AdamWeight["gradient"] | null | undefined;
}

/** By the names of backends. */
const steps = new Map<string, AdamStep>();

const adamPrototype = tf.AdamOptimizer.prototype as unknown as {
  applyGradients: ApplyGradients;
};

/**
 * From now on `tf.train.adam` takes its steps with `step` where this backend computes: one pass over the weights instead of fourteen
 * ops, with results that are equal to the bit.
 */
export function useAdamStep(backend: string, step: AdamStep): void {
  if (steps.size === 0) replaceApplyGradients();
  steps.set(backend, step);
}

/** Null: Adam is made of ops there. */
export const adamStepOf = (backend: string): AdamStep | null =>
  steps.get(backend) ?? null;

function replaceApplyGradients(): void {
  const original = adamPrototype.applyGradients;
  adamPrototype.applyGradients = function (gradients) {
    const named = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    const isApplied =
      named.every(fits) &&
      apply(
        this,
        named.map(({ name, tensor }) => ({ name, gradient: tensor })),
      );
    if (!isApplied) original.call(this, gradients);
  };
}

/** The step looks at neither type nor shape. */
function fits({
  name,
  tensor,
}: {
  readonly name: string;
  readonly tensor: tf.Tensor | null | undefined;
}): boolean {
  const variable = tf.engine().registeredVariables[name];
  return (
    !tensor ||
    (tensor.dtype === "float32" &&
      variable?.dtype === "float32" &&
      tf.util.arraysEqual(tensor.shape, variable.shape))
  );
}

/** Of engines that have a step of their own: see StartedEngine. */
export const applyValuesByAdam: ApplyValues = (optimizer, gradients) =>
  Object.getPrototypeOf(optimizer) === adamPrototype &&
  apply(
    optimizer as unknown as AdamState,
    gradients.map(({ name, values }) => ({ name, gradient: values })),
  );

/** @returns false: nothing has happened */
function apply(adam: AdamState, entries: readonly Entry[]): boolean {
  const step = adamStepOf(tf.getBackend());
  // The first step makes the moments; it is the original's.
  const made = Math.min(
    adam.accumulatedFirstMoment.length,
    adam.accumulatedSecondMoment.length,
  );
  if (step === null || made < entries.length) return false;
  const weights = entries.flatMap(({ name, gradient }, index) =>
    gradient
      ? {
          value: tf.engine().registeredVariables[name]!,
          first: adam.accumulatedFirstMoment[index]!.variable,
          second: adam.accumulatedSecondMoment[index]!.variable,
          gradient,
        }
      : [],
  );
  const { beta1, beta2, accBeta1, accBeta2 } = adam;
  const [power1, power2] = [accBeta1, accBeta2].map(
    (power) => power.dataSync()[0]!,
  ) as [number, number];
  step(weights, [
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    1 - power1,
    1 - power2,
    adam.epsilon,
    -adam.learningRate,
  ]);
  setScalar(accBeta1, power1 * Math.fround(beta1));
  setScalar(accBeta2, power2 * Math.fround(beta2));
  adam.incrementIterations();
  return true;
}

/** Rounds to float32, as an op of the engine would. */
const setScalar = (variable: tf.Variable, value: number): void =>
  tf.tidy(() => variable.assign(tf.scalar(Math.fround(value))));
