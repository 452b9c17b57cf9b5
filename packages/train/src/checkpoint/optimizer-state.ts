import { tf } from "@tsmpi/engine";
import type { Optimizer, Tensor, Variable } from "@tensorflow/tfjs";
import { setLearningRate } from "../exchange/step-learning-rate";

/** A slot: what an optimizer keeps for one variable, such as its momentum. */
interface Slot {
  readonly originalName: string;
  readonly variable: Variable;
}

/** One piece of an optimizer's state. */
export interface StateTensor {
  /** Of the optimizer that holds it. */
  readonly property: string;
  /** Of the variable that the slot belongs to; null: the property itself is the tensor. */
  readonly index: number | null;
  readonly originalName: string;
  readonly tensor: Tensor;
}

/** What TypeScript hides of an optimizer. */
interface Counted {
  iterations_?: number;
  readonly learningRate?: number;
}

/**
 * All that changes in an optimizer while it trains, to the bit. Its own `getWeights` leaves out some of it: Adam computes the
 * powers of its betas anew when they are set, and rounds them differently.
 *
 * @returns tensors that stay the optimizer's
 */
export function stateOf(optimizer: Optimizer): StateTensor[] {
  return Object.entries(optimizer).flatMap(
    ([property, value]): StateTensor[] => {
      if (isVariable(value))
        return [
          { property, index: null, originalName: property, tensor: value },
        ];
      return slotsOf(value).map(({ index, slot }) => ({
        property,
        index,
        originalName: slot.originalName,
        tensor: slot.variable,
      }));
    },
  );
}

/** Updates made, and the present learning rate. */
export function numbersOf(optimizer: Optimizer): Record<string, number> {
  const { iterations_ = 0, learningRate } = optimizer as unknown as Counted;
  return {
    iterations: iterations_,
    ...(learningRate === undefined ? {} : { learningRate }),
  };
}

/** @param state its tensors are copied */
export function restoreState(
  optimizer: Optimizer,
  state: readonly StateTensor[],
  { iterations, learningRate }: Readonly<Record<string, number>>,
): void {
  const target = optimizer as unknown as Record<string, unknown>;
  for (const [property, value] of Object.entries(target)) {
    for (const { slot } of slotsOf(value)) slot.variable.dispose();
    if (Array.isArray(value)) target[property] = [];
  }
  for (const { property, index, originalName, tensor } of state)
    if (index === null) (target[property] as Variable).assign(tensor);
    else {
      const slots = target[property] as Slot[];
      slots[index] = { originalName, variable: tf.variable(tensor, false) };
    }
  (optimizer as unknown as Counted).iterations_ = iterations;
  if (learningRate !== undefined) setLearningRate(optimizer, learningRate);
}

const isVariable = (value: unknown): value is Variable =>
  typeof value === "object" && value !== null && "assign" in value;

/** There may be holes: variables without a gradient. */
function slotsOf(value: unknown): { index: number; slot: Slot }[] {
  if (!Array.isArray(value)) return [];
  return (value as (Slot | undefined)[]).flatMap((slot, index) =>
    slot && isVariable(slot.variable) ? [{ index, slot }] : [],
  );
}
