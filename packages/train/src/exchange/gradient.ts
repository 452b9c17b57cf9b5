import { ArgumentError, LayoutError } from "@tsmpi/protocol";
import { tf } from "@tsmpi/engine";
import type { Tensor } from "@tensorflow/tfjs";
import type { Entry } from "./fused-average";
import { describeVariable, type VariableLayout } from "./layout";

export interface NamedGradient {
  readonly name: string;
  /** None: the loss of this rank does not depend on the variable. */
  readonly tensor: Tensor | null | undefined;
}

/** Its values, read from the engine; valid until the next step. */
export interface Gradient {
  readonly name: string;
  readonly values: Entry;
}

export function assertAlive({ name, tensor }: NamedGradient): void {
  if (tensor?.isDisposed)
    throw new ArgumentError(
      `the gradient of ${name} is disposed already; keep it until applyGradients has returned`,
    );
}

/** As the exchange hands them to the optimizer. */
export function fitsItsVariable(gradient: NamedGradient): boolean {
  const { shape } = layoutOf(gradient);
  const { tensor } = gradient;
  return (
    !tensor ||
    (tensor.dtype === "float32" &&
      tf.util.arraysEqual(tensor.shape, [...shape]))
  );
}

/** The variable's own layout: its gradient may be missing on this rank. */
export function layoutOf({ name }: Pick<Gradient, "name">): VariableLayout {
  const variable = tf.engine().registeredVariables[name];
  if (variable === undefined)
    throw new ArgumentError(`there is no variable "${name}"`);
  if (variable.dtype !== "float32")
    throw new LayoutError(
      `${describeVariable(variable)} cannot be averaged: only float32 variables can`,
    );
  return { name, dtype: variable.dtype, shape: variable.shape };
}
