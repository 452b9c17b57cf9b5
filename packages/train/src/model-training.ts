import { randomStream } from "@tsmpi/data";
import { tf } from "@tsmpi/engine";
import { MPI } from "@tsmpi/worker";
import type { LayersModel, Logs, Tensor } from "@tensorflow/tfjs";
import type { GradientExchange } from "./exchange/gradient-exchange";
import type { Outcome } from "./exchange/step";
import type { Entry } from "./exchange/fused-average";
import { withClosedIterators } from "./closed-iterators";
import { orderFrom } from "./random";
import { StatisticsExchange } from "./exchange/statistics-exchange";
import { type Trainable, trainableOf } from "./trainable";

/**
 * How an epoch ended, the same on all ranks: their batches are over, or a rank has made as many as it wanted; none has made as many;
 * or a rank has stopped the training.
 */
export type EpochEnd = "complete" | "short" | "stopped";

/** Sums over the batches of an epoch. */
interface Totals {
  readonly rows: number;
  /** Σ rows × value. */
  readonly values: readonly number[];
}

const NOTHING: Totals = { rows: 0, values: [] };

const trainings = new WeakMap<object, ModelTraining>();

/** Of the model that callbacks see; null if it is not distributed. */
export const trainingOf = (trainable: object): ModelTraining | null =>
  trainings.get(trainable) ?? null;

/**
 * One compiled model on this rank: its steps average over all ranks, and its epochs end together. How that goes:
 *
 * - A step runs the model's own train function up to the gradients, averages them together with loss, metrics and moving
 *   statistics in one exchange, and applies them. What callbacks see of a batch is the average over all ranks.
 * - A rank whose batches of an epoch are over joins the steps of the others with weight 0 until nobody has any. So all ranks
 *   update their weights equally often, and validation finds the same weights everywhere.
 * - A rank that wants to stop says so with its next step, and all stop.
 */
export class ModelTraining {
  readonly #model: LayersModel;
  #trainable: Trainable;
  #exchange: GradientExchange;
  readonly #statistics: StatisticsExchange;
  /** Batches that this rank has in an epoch, or wants in it; null: its dataset will tell. */
  #batchesPerEpoch: number | null = null;
  #batches = 0;
  /** Of the last epoch; null: one is under way. */
  #end: EpochEnd | null = "short";
  #trained = NOTHING;
  #tested = NOTHING;
  /** Rows of all ranks in all steps. */
  samples = 0;
  /** In which this rank waited for batches of its datasets. */
  inputSeconds = 0;

  /** @param model is compiled, its optimizer distributed */
  constructor(model: LayersModel, exchange: GradientExchange) {
    this.#model = model;
    this.#statistics = new StatisticsExchange(model);
    this.#trainable = trainableOf(model);
    this.#exchange = exchange;
    this.adopt(exchange);
  }

  /** The model was compiled anew. */
  adopt(exchange: GradientExchange): void {
    this.#exchange = exchange;
    this.#trainable = trainableOf(this.#model);
    if (trainings.get(this.#trainable) === this) return;
    trainings.set(this.#trainable, this);
    const trainable = this.#trainable;
    const makeTrainFunction = trainable.makeTrainFunction.bind(trainable);
    trainable.makeTrainFunction = () => {
      this.#statistics.begin(this.#exchange.leavesOut);
      const train = makeTrainFunction();
      return (data) => this.#step(data, train);
    };
    const makeTestFunction = trainable.makeTestFunction.bind(trainable);
    trainable.makeTestFunction = () => {
      makeTestFunction();
      const test = trainable.testFunction;
      trainable.testFunction = (data) => {
        const results = test(data);
        this.#tested = add(this.#tested, rowsOf(data), numbersOf(results));
        return results;
      };
    };
    const evaluateDataset = trainable.evaluateDataset.bind(trainable);
    trainable.evaluateDataset = (dataset, args) =>
      "next" in dataset
        ? evaluateDataset(dataset, args)
        : withClosedIterators(dataset, (own) => evaluateDataset(own, args));
  }

  /** `fit` begins. */
  beginTraining(batchesPerEpoch: number | null): void {
    this.#batchesPerEpoch = batchesPerEpoch;
    this.#end = "short";
  }

  /** What `next` resolves to. */
  async waitForInput<R>(next: () => Promise<R>): Promise<R> {
    const startMs = performance.now();
    try {
      return await next();
    } finally {
      this.inputSeconds += (performance.now() - startMs) / 1_000;
    }
  }

  beginEpoch(epoch: number): void {
    const { seed, epochs } = this.#exchange.counters;
    // A program may call `fit` once an epoch: each call counts from 0.
    const number = Math.max(epoch, epochs);
    this.#exchange.counters = {
      ...this.#exchange.counters,
      epochs: number + 1,
    };
    orderFrom(randomStream(seed, "epoch", number, MPI.COMM_WORLD.rank));
    this.#batches = 0;
    this.#trained = NOTHING;
    this.#tested = NOTHING;
    this.#end = null;
  }

  /** Of the last epoch; null: one is under way. */
  get epochEnd(): EpochEnd | null {
    return this.#end;
  }

  /**
   * This rank has no more batches in this epoch: joins the others until they have none either. Blocks.
   *
   * @param hasLeft it has stopped in the middle, and validates no more
   */
  endBatches({ hasLeft = false } = {}): EpochEnd {
    if (this.#end !== null) return this.#end;
    while (this.joinStep());
    this.#tested = NOTHING;
    this.#end = this.#agreeOnEnd(hasLeft);
    // It has no more for another epoch, either.
    if (this.#end === "short") this.#trainable.stopTraining = true;
    return this.#end;
  }

  #agreeOnEnd(hasLeft: boolean): EpochEnd {
    // All ranks know by now whether one has stopped.
    const { stopTraining } = this.#trainable;
    const isWhole =
      this.#batchesPerEpoch === null
        ? !stopTraining
        : this.#batches === this.#batchesPerEpoch;
    const vote = hasLeft ? LEFT : isWhole ? WHOLE : 0;
    switch (MPI.COMM_WORLD.allreduce(vote, MPI.MAX)) {
      case LEFT:
        return "stopped";
      case WHOLE:
        return "complete";
      default:
        return stopTraining ? "stopped" : "short";
    }
  }

  /**
   * Takes part in a step of the other ranks. Blocks.
   *
   * @returns false: no rank had anything to add
   */
  joinStep(): boolean {
    if (!this.#exchange.isAccumulating) this.#statistics.remember();
    const outcome = this.#exchange.join({
      stopping: this.#trainable.stopTraining,
      why: `rank ${MPI.COMM_WORLD.rank} has no rows to train on: its dataset gave no batch; every rank needs one: start fewer ranks, or share rows out evenly, those of files in openDataset by partition "block" and in batches without dropRemainder, those in memory with shard(…).dataset(…)`,
    });
    this.#finish(outcome);
    return outcome.type !== "over";
  }

  /**
   * Puts the averages over all ranks in place of this rank's. Blocks.
   *
   * @param validates whether this rank was to validate. Where a rank has stopped before, its rows are missing: nobody has averages
   */
  averageLogs(logs: Logs, validates: boolean): void {
    const names = this.#trainable.getDedupedMetricsNames();
    const { rows, values } = this.#trained;
    if (rows > 0)
      names.forEach((name, i) => replace(logs, name, values[i]! / rows));
    const isValidated = Object.keys(logs).some((name) =>
      name.startsWith(VALIDATION),
    );
    const own = isValidated ? this.#tested : validates ? null : NOTHING;
    const all = MPI.COMM_WORLD.allgather(own);
    if (all.includes(null)) {
      for (const name of names) remove(logs, VALIDATION + name);
      return;
    }
    const tested = (all as readonly Totals[]).reduce((sum, rank) => ({
      rows: sum.rows + rank.rows,
      values: names.map((_, i) => (sum.values[i] ?? 0) + (rank.values[i] ?? 0)),
    }));
    if (tested.rows > 0)
      names.forEach((name, i) =>
        replace(logs, VALIDATION + name, tested.values[i]! / tested.rows),
      );
  }

  /** If one rank stops, all do. Blocks. */
  agreeToStop(): void {
    const { stopTraining } = this.#trainable;
    if (MPI.COMM_WORLD.allreduce(stopTraining ? 1 : 0, MPI.MAX) > 0)
      this.#trainable.stopTraining = true;
  }

  #step(data: Tensor[], train: (data: Tensor[]) => Tensor[]): Tensor[] {
    orderFrom(null);
    const weight = rowsOf(data);
    if (!this.#exchange.isAccumulating) this.#statistics.remember();
    const { result, ...held } = this.#exchange.hold(() => train(data), {
      weight,
      stopping: this.#trainable.stopTraining,
    });
    const metrics = Float32Array.from(numbersOf(result));
    const outcome = this.#orRestore(() =>
      this.#exchange.step({
        ...held,
        more: [metrics, ...this.#statistics.changes(weight)],
      }),
    );
    const averages = this.#finish(outcome);
    this.#batches++;
    if (this.#batches === this.#batchesPerEpoch) this.endBatches();
    if (averages === null) return result;
    tf.dispose(result);
    return Array.from(averages, (average) => tf.scalar(average));
  }

  /** A step that fails leaves nothing behind. */
  #orRestore<T>(exchange: () => T): T {
    try {
      return exchange();
    } catch (error) {
      this.#statistics.change([]);
      throw error;
    }
  }

  /** @returns averages of loss and metrics; null if there are none */
  #finish(outcome: Outcome): Entry {
    if (outcome.type === "accumulated") return null;
    if (outcome.stopping) this.#trainable.stopTraining = true;
    this.samples += outcome.weight;
    switch (outcome.type) {
      case "over":
        return null;
      case "skipped":
        this.#statistics.change([]);
        return null;
      case "updated": {
        const [averages, ...changes] = outcome.more;
        this.#statistics.change(changes);
        this.#trained = add(this.#trained, outcome.weight, [...averages!]);
        return averages!;
      }
    }
  }
}

/** Votes on how an epoch ends: the highest decides. */
const [WHOLE, LEFT] = [1, 2];

const VALIDATION = "val_";

const rowsOf = ([first]: readonly Tensor[]): number => first?.shape[0] ?? 1;

const numbersOf = (scalars: readonly Tensor[]): number[] =>
  scalars.map((scalar) => scalar.dataSync()[0]!);

const add = (
  totals: Totals,
  rows: number,
  values: readonly number[],
): Totals => ({
  rows: totals.rows + rows,
  values: values.map((value, i) => (totals.values[i] ?? 0) + rows * value),
});

function replace(logs: Logs, name: string, value: number): void {
  disposeOf(logs, name);
  logs[name] = value;
}

function remove(logs: Logs, name: string): void {
  disposeOf(logs, name);
  delete logs[name];
}

/** Logs hold numbers or, contrary to their type, scalars that somebody must dispose. */
function disposeOf(logs: Logs, name: string): void {
  const before = logs[name] as number | Tensor | undefined;
  if (before !== undefined && typeof before !== "number") before.dispose();
}
