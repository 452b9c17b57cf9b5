import tf from "@tensorflow/tfjs";
import { compileAdamStep } from "./adam-step";
import { setWasmKernel } from "./kernel";
import type { WebAssemblyMemory } from "./web-assembly";

const ADAM_STEP = "TsmpiAdamStep";
/** The step reads and writes whole vectors. */
const VECTOR_BYTES = 16;

interface Inputs {
  readonly value: tf.TensorInfo;
  readonly gradient: tf.TensorInfo;
  readonly first: tf.TensorInfo;
  readonly second: tf.TensorInfo;
}
interface Attributes {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 − beta1 to the power of the step, and the same of beta2: what divides the moments. */
  readonly correction1: number;
  readonly correction2: number;
}

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

/**
 * The step of `tf.train.adam` in one pass over the weights, with results that are equal to the bit. Of a training step of
 * 784-512-256-10 with batch 64, Adam took 9 ms of 23 before.
 */
export function registerAdam(memory: WebAssemblyMemory): void {
  registerAdamStep(memory);
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
    if (tf.getBackend() === "wasm" && made >= entries.length)
      applyGradients(this, entries);
    else original.call(this, gradients);
  };
}

function applyGradients(
  adam: AdamState,
  entries: readonly (readonly [string, tf.Tensor | null | undefined])[],
): void {
  const { accBeta1, accBeta2, learningRate, beta1, beta2, epsilon } = adam;
  const attributes: Attributes = {
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

/** Its results are new buffers: clones of the weights share the old ones, and XNNPACK keeps packed weights by buffer. */
function registerAdamStep(memory: WebAssemblyMemory): void {
  const step = compileAdamStep(memory);
  setWasmKernel<Inputs, Attributes>(
    ADAM_STEP,
    ({ inputs: { value, gradient, first, second }, attrs, backend }) => {
      const { _malloc: allocate } = backend.wasm as unknown as {
        readonly _malloc: (bytes: number) => number;
      };
      const weightBytes = 4 * tf.util.sizeFromShape(value.shape);
      const bytes = Math.ceil(weightBytes / VECTOR_BYTES) * VECTOR_BYTES;
      const result = () =>
        // Unsigned: an address above 2 GB comes back negative.
        backend.makeOutput(value.shape, "float32", allocate(bytes) >>> 0);
      const results = [result(), result(), result()] as const;
      const at = ({ dataId }: tf.TensorInfo) => backend.getMemoryOffset(dataId);
      step(
        at(value),
        at(gradient),
        at(first),
        at(second),
        at(results[0]),
        at(results[1]),
        at(results[2]),
        bytes,
        attrs.beta1,
        1 - attrs.beta1,
        attrs.beta2,
        1 - attrs.beta2,
        attrs.correction1,
        attrs.correction2,
        attrs.epsilon,
        -attrs.learningRate,
      );
      // A kernel of several results returns an array; its type here speaks of the usual one.
      return results as unknown as tf.TensorInfo;
    },
  );
}
