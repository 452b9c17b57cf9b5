import { ArgumentError } from "@tsmpi/protocol";
import { applyValues } from "@tsmpi/engine";
import type { Optimizer } from "@tensorflow/tfjs";
import type { NamedGradient } from "./exchange/gradient";
import { GradientExchange } from "./exchange/gradient-exchange";
import { type DistributeOptions, resolveOptions } from "./options";

type ApplyGradients = Parameters<Optimizer["applyGradients"]>[0];

// `instanceof` cannot tell: tf.Optimizer says yes to anything that looks like an optimizer.
const exchanges = new WeakMap<Optimizer, GradientExchange>();

/** Null for an optimizer that is not distributed. */
export const exchangeOf = (optimizer: Optimizer): GradientExchange | null =>
  exchanges.get(optimizer) ?? null;

/**
 * Makes an optimizer data-parallel in place: `applyGradients` first averages the gradients over all ranks, blocking, and then
 * does what it always did. Class, configuration, slots and saved form stay those of the optimizer itself, so `fit`,
 * `trainOnBatch`, `minimize` and a hand-written loop need no change.
 *
 * @throws {ArgumentError} it is distributed already, or an option is wrong
 */
export function distributeOptimizer(
  optimizer: Optimizer,
  options: DistributeOptions,
): GradientExchange {
  if (exchanges.has(optimizer))
    throw new ArgumentError(
      `this ${optimizer.getClassName()} optimizer is distributed already; distribute it, or the model that is compiled with it, once`,
    );
  const isAsItComes = !Object.hasOwn(optimizer, "applyGradients");
  const apply = optimizer.applyGradients.bind(optimizer);
  const exchange = new GradientExchange(
    optimizer,
    resolveOptions(options),
    // Optimizers keep a variable's state by its position: entries without gradient must stay.
    {
      tensors: (gradients) => apply([...gradients] as ApplyGradients),
      values: (gradients) => isAsItComes && applyValues(optimizer, gradients),
    },
  );
  exchanges.set(optimizer, exchange);

  optimizer.applyGradients = (gradients: ApplyGradients) =>
    exchange.take(namedGradients(gradients));
  const computeGradients = optimizer.computeGradients.bind(optimizer);
  optimizer.computeGradients = (f, variables) =>
    exchange.compute(() => computeGradients(f, variables), f, variables);
  const minimize = optimizer.minimize.bind(optimizer);
  optimizer.minimize = (...step) => exchange.minimize(() => minimize(...step));
  const dispose = optimizer.dispose.bind(optimizer);
  optimizer.dispose = () => {
    exchange.free();
    dispose();
  };
  return exchange;
}

/** The optimizer's input is a list, or a map from variable names. */
const namedGradients = (gradients: ApplyGradients): NamedGradient[] =>
  Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({
        name,
        tensor,
      }));
