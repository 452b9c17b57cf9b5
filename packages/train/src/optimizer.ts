import { ArgumentError, LayoutError } from "@tsmpi/protocol";
import { tf } from "@tsmpi/engine";
import { MPI } from "@tsmpi/worker";
import type { Optimizer, Tensor } from "@tensorflow/tfjs";
import { Bucket } from "./bucket";
import {
  assertSameLayout,
  describeVariable,
  differenceOf,
  type VariableLayout,
} from "./layout";

type ApplyGradients = Parameters<Optimizer["applyGradients"]>[0];

interface NamedGradient {
  readonly name: string;
  readonly tensor: Tensor | null | undefined;
}

// `instanceof` cannot tell: tf.Optimizer says yes to anything that looks like an optimizer.
const distributed = new WeakSet<Optimizer>();

export const isDistributed = (optimizer: Optimizer): boolean =>
  distributed.has(optimizer);

/**
 * Makes an optimizer data-parallel in place: `applyGradients` first averages the gradients over all ranks, blocking, and then
 * does what it always did. Class, configuration, slots and saved form stay those of the optimizer itself, so `fit`,
 * `trainOnBatch`, `minimize` and a hand-written loop need no change.
 *
 * @param sampleCount samples behind the gradients of the current step: their weight in the average
 * @throws {ArgumentError} it is distributed already
 */
export function distributeOptimizer(
  optimizer: Optimizer,
  sampleCount: () => number = () => 1,
): void {
  if (isDistributed(optimizer))
    throw new ArgumentError("this optimizer is distributed already");
  distributed.add(optimizer);
  const exchange = new GradientExchange(sampleCount);
  const apply = optimizer.applyGradients.bind(optimizer);
  optimizer.applyGradients = (gradients: ApplyGradients) => {
    const averages = exchange.average(namedGradients(gradients));
    // Optimizers keep a variable's state by its position: entries without gradient must stay.
    apply(averages as ApplyGradients);
    for (const { tensor } of averages) tensor?.dispose();
  };
  const dispose = optimizer.dispose.bind(optimizer);
  optimizer.dispose = () => {
    exchange.free();
    dispose();
  };
}

/** The optimizer's input is a list, or a map from variable names. */
const namedGradients = (gradients: ApplyGradients): NamedGradient[] =>
  Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({
        name,
        tensor,
      }));

/** Averages the gradients of one optimizer, step after step, through a bucket that it keeps. */
class GradientExchange {
  readonly #sampleCount: () => number;
  #layout: readonly VariableLayout[] = [];
  #bucket: Bucket | null = null;

  constructor(sampleCount: () => number) {
    this.#sampleCount = sampleCount;
  }

  /** The tensors of the result are the caller's to dispose. */
  average(gradients: readonly NamedGradient[]): NamedGradient[] {
    const bucket = this.#bucketFor(gradients.map(layoutOf));
    const averages = bucket.average(
      gradients.map(({ tensor }) =>
        tensor ? (tensor.dataSync() as Float32Array) : null,
      ),
      this.#sampleCount(),
    );
    return gradients.map(({ name }, i) => {
      const average = averages[i]!;
      const { shape } = this.#layout[i]!;
      return {
        name,
        tensor: average && tf.tensor(average, [...shape], "float32"),
      };
    });
  }

  free(): void {
    this.#bucket?.free();
    this.#bucket = null;
  }

  #bucketFor(layout: readonly VariableLayout[]): Bucket {
    if (this.#bucket !== null) {
      const at = differenceOf(this.#layout, layout);
      if (at === null) return this.#bucket;
      this.free();
    }
    assertSameLayout(MPI.COMM_WORLD, "gradients", layout);
    this.#layout = layout;
    return (this.#bucket = new Bucket(layout.map(elementsOf)));
  }
}

/** The variable's own layout: its gradient may be missing on this rank. */
function layoutOf({ name }: NamedGradient): VariableLayout {
  const variable = tf.engine().registeredVariables[name];
  if (variable === undefined)
    throw new ArgumentError(`there is no variable "${name}"`);
  if (variable.dtype !== "float32")
    throw new LayoutError(
      `${describeVariable(variable)} cannot be averaged: only float32 variables can`,
    );
  return { name, dtype: variable.dtype, shape: variable.shape };
}

const elementsOf = ({ shape }: VariableLayout): number =>
  shape.reduce((product, extent) => product * extent, 1);
