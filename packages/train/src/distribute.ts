import { onEngineLoaded } from "@tsmpi/engine";
import { MPI, tellLauncher } from "@tsmpi/worker";
import type { LayersModel, Optimizer, Tensor } from "@tensorflow/tfjs";
import { showProgress } from "./callbacks/progress";
import { distributeOptimizer, isDistributed } from "./optimizer";
import { assertSameSteps } from "./steps";
import { TrainingClock, type TrainingStats } from "./training-stats";
import { broadcastWeights } from "./weights";

const clocks = new WeakMap<LayersModel, TrainingClock>();

onEngineLoaded(({ name, device, version }) =>
  tellLauncher({ type: "engine", name, device, version }),
);

/**
 * Makes a model, or an optimizer, data-parallel in place and returns it. Every rank calls this with the same model.
 *
 * A model gets rank 0's weights everywhere, and `compile` distributes its optimizer: from then on each step of `fit`,
 * `fitDataset` and `trainOnBatch` averages the gradients over all ranks, weighted by their batch sizes, and all ranks keep the
 * same weights. Every rank must make the same number of steps. Progress is shown on rank 0 only.
 *
 * @throws {LayoutError} on every rank, if their models differ
 */
export function distribute<Target extends LayersModel | Optimizer>(
  target: Target,
): Target {
  if (isModel(target)) distributeModel(target);
  else distributeOptimizer(target);
  return target;
}

/** How fast a distributed model has trained so far. */
export function trainingStats(model: LayersModel): TrainingStats {
  return (clocks.get(model) ?? new TrainingClock()).stats;
}

const isModel = (target: LayersModel | Optimizer): target is LayersModel =>
  "layers" in target;

function distributeModel(model: LayersModel): void {
  if (clocks.has(model)) return;
  const clock = new TrainingClock();
  clocks.set(model, clock);
  const comm = MPI.COMM_WORLD;
  let batchRows = 1;
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
  model.fit = async (x, y, args) => {
    assertSameSteps(x, args);
    return clock.time(() => fit(x, y, forThisRank(args)));
  };
  const fitDataset = model.fitDataset.bind(model);
  model.fitDataset = (dataset, args) =>
    clock.time(() => fitDataset(dataset, forThisRank(args)));

  function share(): void {
    if (model.weights.length === shared) return;
    broadcastWeights(comm, model);
    shared = model.weights.length;
  }

  function adopt(): void {
    const { optimizer } = model;
    if (!isDistributed(optimizer))
      distributeOptimizer(optimizer, () => batchRows);
    onEachBatch(model, (rows) => {
      batchRows = rows;
      clock.addSamples(rows);
    });
  }
}

/** What all ways to train a compiled model go through; TypeScript hides it. */
interface Trainable {
  makeTrainFunction(): (data: Tensor[]) => unknown;
  /** A Sequential hands everything to a functional model that it builds. */
  readonly model?: Trainable;
}

const watched = new WeakSet<Trainable>();

/** Calls back before each step of `fit`, `fitDataset` and `trainOnBatch`, with the rows of the batch. */
function onEachBatch(
  model: LayersModel,
  listener: (rows: number) => void,
): void {
  const outer = model as unknown as Trainable;
  const trainable = outer.model ?? outer;
  if (watched.has(trainable)) return;
  watched.add(trainable);
  const makeTrainFunction = trainable.makeTrainFunction.bind(trainable);
  trainable.makeTrainFunction = () => {
    const train = makeTrainFunction();
    return (data) => {
      listener(data[0]?.shape[0] ?? 1);
      return train(data);
    };
  };
}

/** One progress bar is enough. */
function forThisRank<Args extends { verbose?: unknown }>(args?: Args): Args {
  if (MPI.COMM_WORLD.rank === 0) showProgress();
  else return { ...args, verbose: 0 } as unknown as Args;
  return { ...args } as Args;
}
