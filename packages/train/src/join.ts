import { ArgumentError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import type { LayersModel, Optimizer } from "@tensorflow/tfjs";
import { isModel, trainingOfModel } from "./distribute";
import { exchangeOf } from "./optimizer";

/**
 * This rank is out of data: takes part in the steps of the other ranks, with weight 0, until all have called `join`. Blocks.
 * For loops of `trainOnBatch`, `minimize` or `applyGradients`; `fit` and `fitDataset` do it themselves. What was accumulated
 * and had no update yet has it now.
 *
 * @param targets the model or optimizer that the loop trains; several: in the order in which each turn of the loop steps them
 * @throws {ArgumentError} one of them is not distributed
 */
export function join(...targets: readonly (LayersModel | Optimizer)[]): void {
  const joins = targets.map(joinStepOf);
  for (let isOver = false; !isOver;)
    isOver = !joins.map((joinStep) => joinStep()).includes(true);
}

/** Returns whether any rank had something to add. */
function joinStepOf(target: LayersModel | Optimizer): () => boolean {
  if (isModel(target)) {
    const training = trainingOfModel(target);
    if (training) return () => training.joinStep();
  } else {
    const exchange = exchangeOf(target);
    const why = `rank ${MPI.COMM_WORLD.rank} calls join before it has made a step; give every rank some rows`;
    if (exchange)
      return () => exchange.join({ stopping: false, why }).type !== "over";
  }
  throw new ArgumentError(
    "join takes models and optimizers that are distributed, and models that are compiled",
  );
}

/**
 * Steps within `body` update nothing: their gradients add up on this rank, and the next step behind `body` averages them with
 * its own over all ranks, weighted by their samples. Every rank makes the same number of steps in it.
 *
 * @throws {ArgumentError} the target is not distributed
 */
export function noSync<T>(
  target: LayersModel | Optimizer,
  body: () => T | Promise<T>,
): Promise<T> {
  const exchange = exchangeOf(isModel(target) ? target.optimizer : target);
  if (exchange === null)
    throw new ArgumentError("noSync takes what distribute has returned");
  return exchange.withoutSync(body);
}
