import { tf } from "@tsmpi/engine";
import { MPI } from "@tsmpi/worker";
import type { LayersModel } from "@tensorflow/tfjs";
import type { Entry } from "./fused-average";
import { statisticsOf } from "../layers";

/**
 * Averages over all ranks what a model keeps beside what it learns, the moving statistics of BatchNorm, with every update: so
 * they are always the same everywhere, whoever saves or evaluates. It averages changes, not values: what no rank changes stays
 * the same to the bit.
 */
export class StatisticsExchange {
  readonly #model: LayersModel;
  #weights: ReturnType<typeof statisticsOf> = [];
  /** At the last update, equal on all ranks. */
  #before: readonly Float32Array[] = [];
  /** Since then on this rank, and samples of the batches that made it. */
  #changes: readonly Float32Array[] = [];
  #weight = 0;

  constructor(model: LayersModel) {
    this.#model = model;
  }

  /**
   * The training begins; layers may have come or gone.
   *
   * @param leavesOut updates may be left out, and with them what they did here
   */
  begin(leavesOut: boolean): void {
    // A world of one has nothing to average.
    const isNeeded = MPI.COMM_WORLD.size > 1 || leavesOut;
    this.#weights = isNeeded ? statisticsOf(this.#model) : [];
  }

  /** Before the first step that belongs to the next update. */
  remember(): void {
    this.#before = this.#weights.map(
      (weight) => weight.read().dataSync().slice() as Float32Array,
    );
    this.#changes = this.#before.map(({ length }) => new Float32Array(length));
    this.#weight = 0;
  }

  /**
   * What a step of `weight` samples adds, such that the sum over the steps of an update, weighted, is the change since
   * `remember` times all their samples: W₂Δ₂ = w₁Δ₁ + w₂ × (W₂Δ₂ − W₁Δ₁) / w₂.
   */
  changes(weight: number): Float32Array[] {
    const weightBefore = this.#weight;
    this.#weight += weight;
    const changesBefore = this.#changes;
    this.#changes = this.#weights.map((variable, i) => {
      const now = variable.read().dataSync();
      return this.#before[i]!.map((before, k) => now[k]! - before);
    });
    return this.#changes.map((change, i) =>
      change.map(
        (value, k) =>
          (this.#weight * value - weightBefore * changesBefore[i]![k]!) /
          weight,
      ),
    );
  }

  /** @param changes averages over all ranks; none: back to what was */
  change(changes: readonly Entry[]): void {
    this.#weights.forEach((variable, i) => {
      const change = changes[i];
      const values = this.#before[i]!.map(
        (before, k) => before + (change?.[k] ?? 0),
      );
      tf.tidy(
        () =>
          void variable.write(tf.tensor(values, variable.shape as number[])),
      );
    });
  }
}
