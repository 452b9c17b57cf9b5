import tf from "@tensorflow/tfjs";

export const ADAM_STEP = "TsmpiAdamStep";

/** Of the kernel: a weight, its gradient and its two moments. Its results are the new weight and the new moments. */
export interface AdamInputs {
  readonly value: tf.TensorInfo;
  readonly gradient: tf.TensorInfo;
  readonly first: tf.TensorInfo;
  readonly second: tf.TensorInfo;
}
export interface AdamAttributes {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 − beta1 to the power of the step, and the same of beta2: what divides the moments. */
  readonly correction1: number;
  readonly correction2: number;
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

export const adamConstants = ({
  learningRate,
  beta1,
  beta2,
  epsilon,
  correction1,
  correction2,
}: AdamAttributes): AdamConstants => [
  beta1,
  1 - beta1,
  beta2,
  1 - beta2,
  correction1,
  correction2,
  epsilon,
  -learningRate,
];

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
type NamedGradient = readonly [string, tf.Tensor | null | undefined];
type ApplyGradients = (this: AdamState, gradients: Gradients) => void;

let isUsed = false;

/**
 * From now on `tf.train.adam` takes its step with the kernel `ADAM_STEP` on a backend that has one: one pass over the weights instead
 * of fourteen ops, with results that are equal to the bit.
 */
export function useAdamKernels(): void {
  if (isUsed) return;
  isUsed = true;
  const prototype = tf.AdamOptimizer.prototype as unknown as {
    applyGradients: ApplyGradients;
  };
  const original = prototype.applyGradients;
  prototype.applyGradients = function (gradients) {
    const entries = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients);
    // The first step makes the moments; it is the original's.
    const made = Math.min(
      this.accumulatedFirstMoment.length,
      this.accumulatedSecondMoment.length,
    );
    if (made >= entries.length && hasKernel() && entries.every(fits))
      applyGradients(this, entries);
    else original.call(this, gradients);
  };
}

/** The kernel looks at neither type nor shape. */
function fits([name, gradient]: NamedGradient): boolean {
  const variable = tf.engine().registeredVariables[name];
  return (
    !gradient ||
    (gradient.dtype === "float32" &&
      variable?.dtype === "float32" &&
      tf.util.arraysEqual(gradient.shape, variable.shape))
  );
}

const hasKernel = (): boolean =>
  (tf.getKernel(ADAM_STEP, tf.getBackend()) as unknown) !== undefined;

function applyGradients(
  adam: AdamState,
  entries: readonly NamedGradient[],
): void {
  const { accBeta1, accBeta2, learningRate, beta1, beta2, epsilon } = adam;
  const attributes: AdamAttributes = {
    ...{ learningRate, beta1, beta2, epsilon },
    correction1: 1 - accBeta1.dataSync()[0]!,
    correction2: 1 - accBeta2.dataSync()[0]!,
  };
  tf.tidy(() => {
    entries.forEach(([name, gradient], index) => {
      // Null: the loss does not depend on this variable.
      if (!gradient) return;
      const value = tf.engine().registeredVariables[name]!;
      const first = adam.accumulatedFirstMoment[index]!.variable;
      const second = adam.accumulatedSecondMoment[index]!.variable;
      const [newValue, newFirst, newSecond] = tf
        .engine()
        .runKernel<tf.Tensor[]>(
          ADAM_STEP,
          { value, gradient, first, second },
          { ...attributes },
        );
      value.assign(newValue!);
      first.assign(newFirst!);
      second.assign(newSecond!);
    });
    accBeta1.assign(accBeta1.mul(beta1));
    accBeta2.assign(accBeta2.mul(beta2));
  });
  adam.incrementIterations();
}
