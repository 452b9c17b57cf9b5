import { ArgumentError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";
import type { LayersModel, Optimizer } from "@tensorflow/tfjs";
import { watchTuning } from "./autotune/at-exit";
import { withOwnCallbacks } from "./callbacks/fit-callbacks";
import { announceEngine } from "./engine-news";
import { withEndingEpochs } from "./ending-epochs";
import { agreeOnFit, agreeOnFitDataset } from "./fit-arguments";
import { separateSeeds } from "./layers";
import { ModelTraining } from "./model-training";
import { distributeOptimizer, exchangeOf } from "./optimizer";
import { type DistributeOptions, resolveOptions } from "./options";
import { TrainingClock, type TrainingStats } from "./training-stats";
import { broadcastWeights } from "./weights";

/** A model that was distributed, and how it trains once it is compiled. */
interface Distributed {
  readonly clock: TrainingClock;
  training: ModelTraining | null;
}

const distributed = new WeakMap<LayersModel, Distributed>();

announceEngine();

/**
 * Makes a model, or an optimizer, data-parallel in place and returns it. Every rank calls this with the same model, before or
 * after it is compiled.
 *
 * A model gets rank 0's weights everywhere, and `compile` distributes its optimizer: from then on each step of `fit`,
 * `fitDataset` and `trainOnBatch` averages gradients, loss and metrics over all ranks, weighted by their batch sizes, and all
 * ranks keep the same weights. Ranks may have different numbers of batches: who has none left in an epoch joins the steps of
 * the others with weight 0. Progress is shown on rank 0 only.
 *
 * An optimizer averages over all ranks what its `applyGradients` and `minimize` get.
 *
 * @throws {LayoutError} on every rank, if their models differ
 * @throws {ArgumentError} it is distributed already, or an option is wrong
 */
export function distribute<Target extends LayersModel | Optimizer>(
  target: Target,
  options: DistributeOptions = {},
): Target {
  if (resolveOptions(options).autotune !== null) watchTuning();
  if (isModel(target)) distributeModel(target, options);
  else distributeOptimizer(target, options);
  return target;
}

/** How fast a distributed model has trained so far. */
export function trainingStats(model: LayersModel): TrainingStats {
  const { clock, training } = distributed.get(model) ?? {};
  return (clock ?? new TrainingClock()).stats(training ?? null);
}

/** Null for a model that is not distributed, or not yet compiled. */
export const trainingOfModel = (model: LayersModel): ModelTraining | null =>
  distributed.get(model)?.training ?? null;

export const isModel = (
  target: LayersModel | Optimizer,
): target is LayersModel => "layers" in target;

function distributeModel(model: LayersModel, options: DistributeOptions): void {
  if (distributed.has(model))
    throw new ArgumentError(
      `the model "${model.name}" is distributed already; distribute it once, and compile it as often as you like`,
    );
  if (options.weight !== undefined)
    throw new ArgumentError(
      "distribute: a model knows the rows of its batches; weight is for optimizers",
    );
  const own: Distributed = { clock: new TrainingClock(), training: null };
  distributed.set(model, own);
  const comm = MPI.COMM_WORLD;
  const { rank } = comm;
  /** Weights that all ranks share already: a Sequential may grow until it is compiled. */
  let shared = 0;

  share();
  if (model.optimizer) adopt();

  const compile = model.compile.bind(model);
  model.compile = (args) => {
    compile(args);
    share();
    adopt();
  };
  const fit = model.fit.bind(model);
  model.fit = async (x, y, args = {}) => {
    const training = compiled();
    training.beginTraining(agreeOnFit(x, args));
    return own.clock.time(training, () =>
      fit(x, y, withOwnCallbacks(args, { training, rank })),
    );
  };
  const fitDataset = model.fitDataset.bind(model);
  model.fitDataset = async (dataset, args) => {
    const training = compiled();
    const readsAhead = agreeOnFitDataset(dataset, args);
    training.beginTraining(args.batchesPerEpoch ?? null);
    return own.clock.time(training, () =>
      withEndingEpochs(dataset, withOwnCallbacks(args, { training, rank }), {
        ...{ training, train: fitDataset, readsAhead },
      }),
    );
  };

  function share(): void {
    if (model.weights.length === shared) return;
    broadcastWeights(comm, model);
    separateSeeds(model, rank);
    shared = model.weights.length;
  }

  function adopt(): void {
    const { optimizer } = model;
    const exchange =
      exchangeOf(optimizer) ?? distributeOptimizer(optimizer, options);
    if (own.training) own.training.adopt(exchange);
    else own.training = new ModelTraining(model, exchange);
  }

  function compiled(): ModelTraining {
    if (own.training === null)
      throw new ArgumentError(
        `the model "${model.name}" is not compiled; call compile before fit`,
      );
    return own.training;
  }
}
