import {
  ArgumentError,
  LayoutError,
  LeakError,
  MismatchError,
  readEnvironment,
} from "@tsmpi/protocol";
import { randomStream } from "@tsmpi/data";
import { tf } from "@tsmpi/engine";
import { MPI } from "@tsmpi/worker";
import type { Optimizer, Scalar, Tensor, Variable } from "@tensorflow/tfjs";
import { Autotune } from "../autotune/autotune";
import type { ResolvedOptions } from "../options";
import { withRandom } from "../random";
import { AgreedAverage } from "./agreed-average";
import { type Gradients, variableGradients } from "./backward-pass";
import type { TrainingCounters } from "./counters";
import type { Averages, FusedAverage, Signals } from "./fused-average";
import {
  assertAlive,
  fitsItsVariable,
  type Gradient,
  layoutOf,
  type NamedGradient,
} from "./gradient";
import { GradientStream } from "./gradient-stream";
import { GradientValues } from "./gradient-values";
import { LeakGuard } from "./leak-guard";
import type { Contribution, Held, Outcome } from "./step";
import { recordSums, replaySums } from "./sum-over-ranks";
import { type Apply, Updates } from "./updates";
import { askedWay, isEager } from "./way";

/** Averages the gradients of one optimizer, step after step, and has it apply them. */
export class GradientExchange {
  readonly #options: ResolvedOptions;
  readonly #leaks: LeakGuard | null;
  readonly #updates: Updates;
  /** For gradients like those of the last step. */
  #average: AgreedAverage | null = null;
  /** Of the same variables. */
  #autotune: Autotune | null = null;
  /** In which gradients became ready in the last backward pass, as far as that is known. */
  #order: readonly number[] = [];
  #sums: readonly number[] = [];
  /** Steps since the last update. */
  #accumulated = 0;
  #withoutSync = 0;
  /** Steps of this rank. */
  #stepsHere = 0;
  /** Of the step whose gradients are held, if they have been applied already: see #isAlone. */
  #ownOutcome: "updated" | "skipped" | null = null;
  readonly #values = new GradientValues();
  /** Where `take` puts gradients instead of averaging them. */
  #held: { readonly gradients: Gradient[]; readonly signals: Signals } | null =
    null;
  /** Gradients will be applied as they are computed. */
  #isMinimizing = false;
  /** Of the step whose gradients leave already. */
  #stream: GradientStream | null = null;

  constructor(optimizer: Optimizer, options: ResolvedOptions, apply: Apply) {
    this.#options = options;
    this.#updates = new Updates(optimizer, options, apply);
    const { checkLeaks } = readEnvironment(process.env);
    this.#leaks = checkLeaks ? new LeakGuard() : null;
  }

  get counters(): TrainingCounters {
    return this.#updates.counters;
  }
  set counters(counters: TrainingCounters) {
    this.#updates.counters = counters;
  }

  /** Updates whose gradients are not finite are left out. */
  get leavesOut(): boolean {
    return this.#updates.leavesOut;
  }

  /** Gradients are added up that no update has had yet. */
  get isAccumulating(): boolean {
    return this.#accumulated > 0;
  }

  /** Runs a step of the optimizer's own. */
  minimize<T>(step: () => T): T {
    this.#isMinimizing = true;
    try {
      return step();
    } catch (error) {
      return this.#leave(error);
    } finally {
      this.#isMinimizing = false;
    }
  }

  /**
   * Runs the forward and backward pass of a step, with random numbers of its own.
   *
   * @param compute runs both
   * @param variables that the user wants gradients of; none: of all that have one
   */
  compute(
    compute: () => Gradients,
    f: () => Scalar,
    variables: readonly Variable[] | undefined,
  ): Gradients {
    const { seed, steps } = this.counters;
    const { rank, size } = MPI.COMM_WORLD;
    const stream = randomStream(seed, "step", rank, steps, this.#accumulated);
    const average = this.#average;
    const mayLeave = average?.isEager ?? isEager(askedWay(this.#options));
    const leavesEarly = this.#isMinimizing && size > 1 && mayLeave;
    const { result, sums } = recordSums(() =>
      withRandom(
        stream,
        leavesEarly ? () => this.#computeInOrder(f, variables) : compute,
      ),
    );
    this.#sums = sums;
    return result;
  }

  /** What `applyGradients` was given; stays the caller's. */
  take(given: readonly NamedGradient[]): void {
    for (const gradient of given) assertAlive(gradient);
    const held = this.#held;
    const stream = this.#stream;
    if (this.#isAlone && given.every(fitsItsVariable)) {
      if (held === null) this.#assertWeight(this.#options.weight());
      this.#checkLeaks();
      const isApplied = this.#updates.applyOwn(given);
      if (held !== null) this.#ownOutcome = isApplied ? "updated" : "skipped";
      return;
    }
    const first = held?.gradients.length ?? 0;
    const gradients = given.map(({ name, tensor }, i) => ({
      name,
      values: tensor && !stream?.has(i) ? this.#read(tensor, first + i) : null,
    }));
    if (held !== null) held.gradients.push(...gradients);
    else this.step({ gradients, signals: this.#signals, more: [] });
  }

  /** Runs one step of a training function, up to its gradients, which the caller hands to `step`. */
  hold<T>(train: () => T, signals: Signals): { result: T } & Held {
    const gradients: Gradient[] = [];
    this.#held = { gradients, signals };
    // Of a step that failed behind its update.
    this.#ownOutcome = null;
    try {
      return { result: train(), gradients, signals };
    } catch (error) {
      return this.#leave(error);
    } finally {
      this.#held = null;
    }
  }

  /**
   * Averages over all ranks and updates the variables; or, if more batches are to come before an update, adds up. Blocks.
   *
   * @throws {NonFiniteError} on every rank
   * @throws {LayoutError} on every rank, if their variables differ
   */
  step({ gradients, signals, more }: Contribution): Outcome {
    const type = this.#ownOutcome;
    if (type !== null) {
      this.#ownOutcome = null;
      return { type, more, ...signals };
    }
    const stream = this.#stream;
    this.#stream = null;
    const { fused, values } = this.#averageFor(gradients, more, stream);
    this.#checkLeaks();
    this.#assertWeight(signals.weight);
    const isUpdate = this.#isBeforeUpdate;
    this.#accumulated++;
    if (!isUpdate) {
      fused.add(values, more, signals.weight);
      return { type: "accumulated" };
    }
    return this.#update(() => {
      if (stream === null) fused.begin(signals);
      values.forEach((entry, i) => {
        if (!stream?.has(i)) fused.put(i, entry);
      });
      return fused.finish(more);
    });
  }

  /**
   * Takes part in a step of the others, with what this rank has added up, or with nothing. Blocks.
   *
   * @param why for the others, if this rank cannot take part because it has never made a step
   */
  join({ stopping, why }: { stopping: boolean; why: string }): Outcome {
    const average = this.#average;
    if (this.#stepsHere > 0 && this.#isAlone)
      return { type: "over", weight: 0, stopping };
    if (average === null) this.#refuse(new ArgumentError(why));
    // Each update has the same number of forward passes on every rank, whether there are rows for them or not.
    for (let i = this.#accumulated; i < this.#options.accumulate; i++)
      replaySums(this.#sums);
    return this.#update(() => average.fused.join({ stopping }));
  }

  /** Steps within `body` only add up their gradients. */
  async withoutSync<T>(body: () => T | Promise<T>): Promise<T> {
    this.#withoutSync++;
    try {
      return await body();
    } finally {
      this.#withoutSync--;
    }
  }

  free(): void {
    this.#average?.free();
    this.#average = null;
    this.#autotune?.giveUp();
    this.#autotune = null;
    this.#values.free();
  }

  /** Of the step that is being made. */
  get #signals(): Signals {
    return (
      this.#stream?.signals ??
      this.#held?.signals ?? { weight: this.#options.weight(), stopping: false }
    );
  }

  /** An update follows the step that is being made. */
  get #isBeforeUpdate(): boolean {
    return (
      this.#withoutSync === 0 &&
      this.#accumulated + 1 >= this.#options.accumulate
    );
  }

  /** There is nobody to average with, and nothing to do with the averages but to apply them: so it is done at once, without copies. */
  get #isAlone(): boolean {
    return (
      MPI.COMM_WORLD.size === 1 &&
      this.#options.accumulate === 1 &&
      this.#options.clipGlobalNorm === null &&
      this.#withoutSync === 0 &&
      !this.#average?.fused.isPending
    );
  }

  #assertWeight(weight: number): void {
    if (!(weight > 0 && weight < Infinity))
      this.#refuse(
        new ArgumentError(
          `rank ${MPI.COMM_WORLD.rank}: the weight of a step is ${weight}, and must be greater than 0: the number of samples behind its gradients`,
        ),
      );
  }

  #checkLeaks(): void {
    const step = ++this.#stepsHere;
    const problem = this.#leaks?.observe(step, tf.memory().numTensors);
    if (problem)
      this.#refuse(new LeakError(`rank ${MPI.COMM_WORLD.rank}: ${problem}`));
  }

  /** Gradients leave as soon as they are ready, if they are those of the last step. */
  #computeInOrder(
    f: () => Scalar,
    variables: readonly Variable[] | undefined,
  ): Gradients {
    const all = variables ?? Object.values(tf.engine().registeredVariables);
    return variableGradients(f, all, (connected) => {
      const names = (variables ?? connected).map(({ name }) => name);
      const stream = (this.#stream = this.#streamOf(names));
      const order: number[] = [];
      this.#order = order;
      return ({ name }, gradient) => {
        order.push(names.indexOf(name));
        stream?.add(name, gradient);
      };
    });
  }

  /** This rank cannot go on with a step whose gradients leave already: nobody can. */
  #leave(error: unknown): never {
    if (this.#stream === null) throw error;
    // What has left is on its way still, and keeps its memory.
    this.#stream = this.#average = null;
    MPI.COMM_WORLD.refuse("allreduce", error);
  }

  /** @returns null: the step is not like the last one, or no update follows it */
  #streamOf(names: readonly string[]): GradientStream | null {
    const average = this.#average;
    const layout = names.map((name) => layoutOf({ name }));
    // A training function brings metrics. Sums over ranks in the backward pass would come between those of the gradients.
    const isLikeLast =
      average !== null &&
      average.fits(layout) &&
      average.hasMore === (this.#held !== null) &&
      this.#sums.length === 0;
    if (!isLikeLast || !this.#isBeforeUpdate) return null;
    const signals = this.#signals;
    this.#assertWeight(signals.weight);
    const read = (tensor: Tensor, entry: number) => this.#read(tensor, entry);
    const { fused } = average;
    return new GradientStream({ fused, names, signals, read });
  }

  #read(tensor: Tensor, entry: number): Float32Array {
    const place = this.#average?.place(entry) ?? null;
    return this.#values.read(tensor, entry, place);
  }

  /** @param sumUp of an average that all ranks have agreed on */
  #update(sumUp: () => Averages): Outcome {
    const averages = this.#orLayoutError(sumUp);
    const { weight, stopping, more } = averages;
    this.#accumulated = 0;
    if (weight === 0) return { type: "over", weight, stopping };
    const { fused, layout } = this.#average!;
    const isApplied = this.#updates.applyAverages(
      averages,
      layout,
      fused.nonFinite,
    );
    this.#average = this.#average!.ordered(this.#order);
    this.#tune();
    if (!isApplied) return { type: "skipped", weight, stopping };
    return { type: "updated", more, weight, stopping };
  }

  /** For what a step brings; its values may have been copied. */
  #averageFor(
    gradients: readonly Gradient[],
    more: readonly Float32Array[],
    stream: GradientStream | null,
  ): {
    readonly fused: FusedAverage;
    readonly values: readonly Gradient["values"][];
  } {
    const layout = gradients.map(layoutOf);
    const lengths = more.map(({ length }) => length);
    const values = gradients.map((gradient) => gradient.values);
    if (this.#average?.adopt(layout, lengths))
      return { fused: this.#average.fused, values };
    if (this.#average?.fused.isPending || stream !== null)
      this.#refuse(
        new LayoutError(
          `rank ${MPI.COMM_WORLD.rank}: the variables changed while gradients were being accumulated; change them after an update`,
        ),
      );
    // They may lie in memory that is given back now.
    const kept = values.map((entry) => entry && entry.slice());
    this.free();
    this.#average = this.#orLayoutError(() =>
      AgreedAverage.agree(layout, lengths, this.#options),
    );
    this.#autotune = Autotune.begin(layout, this.#options);
    this.#useTuned();
    return { fused: this.#average.fused, values: kept };
  }

  #tune(): void {
    this.#autotune?.afterUpdate();
    this.#useTuned();
  }

  #useTuned(): void {
    if (this.#autotune)
      this.#average = this.#average!.using(this.#autotune.way);
  }

  /** Fails on every rank. */
  #refuse(error: Error): never {
    MPI.COMM_WORLD.refuse(this.#average ? "allreduce" : "allgather", error);
  }

  /** A rank whose variables changed alone makes another call than the others. */
  #orLayoutError<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof MismatchError)) throw error;
      throw new LayoutError(
        `the gradients of the ranks no longer fit together: a layer was frozen or unfrozen, or a model built or compiled, on some ranks only, or some ranks train and others do something else; do the same on every rank. ${error.message}`,
        { cause: error },
      );
    }
  }
}
