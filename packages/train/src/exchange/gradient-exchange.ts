import {
  ArgumentError,
  LayoutError,
  LeakError,
  MismatchError,
  NonFiniteError,
  readEnvironment,
} from "@tsmpi/protocol";
import { tensorMemory, tf } from "@tsmpi/engine";
import { MPI } from "@tsmpi/worker";
import type { Optimizer, Tensor } from "@tensorflow/tfjs";
import { countersOf, setCounters, type TrainingCounters } from "./counters";
import {
  assertSameLayout,
  differenceOf,
  elementsOf,
  type VariableLayout,
} from "./layout";
import { LeakGuard } from "./leak-guard";
import { warn } from "../log";
import type { ResolvedOptions } from "../options";
import { randomStream, withRandom } from "../random";
import { applySchedule } from "./step-learning-rate";
import { recordSums, replaySums } from "./sum-over-ranks";
import { type Averages, type Entry, FusedAverage } from "./fused-average";
import { clipByGlobalNorm } from "./global-norm";
import {
  assertAlive,
  fitsItsVariable,
  type Gradient,
  layoutOf,
  type NamedGradient,
} from "./gradient";
import { GradientValues } from "./gradient-values";
import { nonFiniteGradients, nonFiniteSums } from "./non-finite";
import type { Contribution, Outcome } from "./step";

/** Averages the gradients of one optimizer, step after step, and has it apply them. */
export class GradientExchange {
  readonly #optimizer: Optimizer;
  readonly #options: ResolvedOptions;
  readonly #leaks: LeakGuard | null;
  readonly #apply: (gradients: readonly NamedGradient[]) => void;
  /** Gradients of the last step, and elements of what was averaged along with them. */
  #layout: readonly VariableLayout[] = [];
  #more: readonly number[] = [];
  #fused: FusedAverage | null = null;
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
  #held: Gradient[] | null = null;

  constructor(
    optimizer: Optimizer,
    options: ResolvedOptions,
    apply: (gradients: readonly NamedGradient[]) => void,
  ) {
    this.#optimizer = optimizer;
    this.#options = options;
    this.#apply = apply;
    const { checkLeaks } = readEnvironment(process.env);
    this.#leaks = checkLeaks ? new LeakGuard() : null;
    this.counters = { seed: options.seed, epochs: 0, steps: 0 };
  }

  get counters(): TrainingCounters {
    return countersOf(this.#optimizer)!;
  }
  set counters(counters: TrainingCounters) {
    setCounters(this.#optimizer, counters);
  }

  /** Updates whose gradients are not finite are left out. */
  get leavesOut(): boolean {
    return this.#options.onNonFinite === "skip";
  }

  /** Gradients are added up that no update has had yet. */
  get isAccumulating(): boolean {
    return this.#accumulated > 0;
  }

  /** Runs the forward and backward pass of a step, with random numbers of its own. */
  compute<T>(pass: () => T): T {
    const { seed, steps } = this.counters;
    const { rank } = MPI.COMM_WORLD;
    const stream = randomStream(seed, "step", rank, steps, this.#accumulated);
    const { result, sums } = recordSums(() => withRandom(stream, pass));
    this.#sums = sums;
    return result;
  }

  /** What `applyGradients` was given; stays the caller's. */
  take(given: readonly NamedGradient[]): void {
    for (const gradient of given) assertAlive(gradient);
    if (this.#isAlone && given.every(fitsItsVariable)) {
      if (this.#held === null) this.#assertWeight(this.#options.weight());
      this.#checkLeaks();
      const isApplied = this.#applyOwn(given);
      if (this.#held !== null)
        this.#ownOutcome = isApplied ? "updated" : "skipped";
      return;
    }
    const first = this.#held?.length ?? 0;
    const gradients = given.map(({ name, tensor }, i) => ({
      name,
      values: tensor ? this.#read(tensor, first + i) : null,
    }));
    if (this.#held !== null) this.#held.push(...gradients);
    else {
      const weight = this.#options.weight();
      this.step({ gradients, weight, more: [], stopping: false });
    }
  }

  #read(tensor: Tensor, entry: number): Float32Array {
    const isKnown = entry < this.#layout.length;
    const place = isKnown ? this.#fused?.place(entry) : null;
    return this.#values.read(tensor, entry, place ?? null);
  }

  /** Runs one step of a training function, up to its gradients, which the caller hands to `step`. */
  hold<T>(train: () => T): { result: T; gradients: readonly Gradient[] } {
    const gradients: Gradient[] = (this.#held = []);
    // Of a step that failed behind its update.
    this.#ownOutcome = null;
    try {
      return { result: train(), gradients };
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
  step({ gradients, weight, more, stopping }: Contribution): Outcome {
    const type = this.#ownOutcome;
    if (type !== null) {
      this.#ownOutcome = null;
      return { type, more, weight, stopping };
    }
    const { fused, values } = this.#fusedFor(gradients, more);
    this.#checkLeaks();
    this.#assertWeight(weight);
    this.#accumulated++;
    if (this.#withoutSync > 0 || this.#accumulated < this.#options.accumulate) {
      fused.add(values, more, weight);
      return { type: "accumulated" };
    }
    return this.#update(fused, () => {
      fused.begin({ weight, stopping });
      values.forEach((entry, i) => fused.put(i, entry));
      return fused.finish(more);
    });
  }

  /**
   * Takes part in a step of the others, with what this rank has added up, or with nothing. Blocks.
   *
   * @param why for the others, if this rank cannot take part because it has never made a step
   */
  join({ stopping, why }: { stopping: boolean; why: string }): Outcome {
    const fused = this.#fused;
    if (this.#stepsHere > 0 && this.#isAlone)
      return { type: "over", weight: 0, stopping };
    if (fused === null) this.#refuse(new ArgumentError(why));
    // Each update has the same number of forward passes on every rank, whether there are rows for them or not.
    for (let i = this.#accumulated; i < this.#options.accumulate; i++)
      replaySums(this.#sums);
    return this.#update(fused, () => fused.join({ stopping }));
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
    this.#fused?.free();
    this.#fused = null;
    this.#values.free();
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

  #update(fused: FusedAverage, average: () => Averages): Outcome {
    const averages = this.#orLayoutError(average);
    const { weight, stopping } = averages;
    this.#accumulated = 0;
    if (weight === 0) return { type: "over", weight, stopping };
    const steps = this.#countStep();
    const problem = this.#nonFinite(fused, averages);
    if (problem !== null) {
      this.#report(problem);
      return { type: "skipped", weight, stopping };
    }
    applySchedule(this.#optimizer, steps);
    this.#applyAverages(averages.entries);
    return { type: "updated", more: averages.more, weight, stopping };
  }

  /** @returns how many there were before */
  #countStep(): number {
    const { steps } = this.counters;
    this.counters = { ...this.counters, steps: steps + 1 };
    return steps;
  }

  /** @throws {NonFiniteError} unless such updates are to be left out */
  #report(problem: string): void {
    if (!this.leavesOut) throw new NonFiniteError(problem);
    if (MPI.COMM_WORLD.rank === 0) warn(`update left out: ${problem}`);
  }

  /** There is nobody to average with, and nothing to do with the averages but to apply them: so it is done at once, without copies. */
  get #isAlone(): boolean {
    return (
      MPI.COMM_WORLD.size === 1 &&
      this.#options.accumulate === 1 &&
      this.#options.clipGlobalNorm === null &&
      this.#withoutSync === 0 &&
      !this.#fused?.isPending
    );
  }

  /** @returns false: the update is left out */
  #applyOwn(given: readonly NamedGradient[]): boolean {
    const steps = this.#countStep();
    const culprits = given.filter(
      ({ tensor }) => tensor && !tensorMemory().isFinite(tensor),
    );
    if (culprits.length > 0) {
      const names = culprits.map(({ name }) => name).join(", ");
      this.#report(nonFiniteGradients(steps + 1, `rank 0: ${names}`));
      return false;
    }
    applySchedule(this.#optimizer, steps);
    this.#apply(given);
    return true;
  }

  #applyAverages(averages: readonly Entry[]): void {
    const limit = this.#options.clipGlobalNorm;
    if (limit !== null) clipByGlobalNorm(averages, limit);
    const gradients = this.#layout.map(({ name, shape }, i) => {
      const average = averages[i]!;
      const tensor = average && tensorMemory().create(average, shape);
      return { name, tensor };
    });
    this.#apply(gradients);
    for (const { tensor } of gradients) tensor?.dispose();
  }

  /** Every rank comes here, or none. */
  #nonFinite(fused: FusedAverage, averages: Averages): string | null {
    const name = (i: number) => this.#layout[i]!.name;
    const step = this.counters.steps;
    if (averages.nonFinite > 0) {
      const culprits = MPI.COMM_WORLD.allgather(fused.nonFinite.map(name))
        .map((names, rank) => ({ names, rank }))
        .filter(({ names }) => names.length > 0)
        .map(({ names, rank }) => `rank ${rank}: ${names.join(", ")}`);
      return nonFiniteGradients(step, culprits.join("; "));
    }
    const beyond = averages.nonFiniteAverages.map(name);
    return beyond.length === 0 ? null : nonFiniteSums(step, beyond.join(", "));
  }

  #fusedFor(
    gradients: readonly Gradient[],
    more: readonly Float32Array[],
  ): { readonly fused: FusedAverage; readonly values: readonly Entry[] } {
    const layout = gradients.map(layoutOf);
    const lengths = more.map(({ length }) => length);
    const values = gradients.map((gradient) => gradient.values);
    if (this.#fused !== null) {
      const isSame =
        differenceOf(this.#layout, layout) === null &&
        tf.util.arraysEqual([...this.#more], lengths);
      // The variables of this rank, whatever the last ones were called.
      if (isSame) this.#layout = layout;
      if (isSame) return { fused: this.#fused, values };
      if (this.#fused.isPending)
        this.#refuse(
          new LayoutError(
            `rank ${MPI.COMM_WORLD.rank}: the variables changed while gradients were being accumulated; change them after an update`,
          ),
        );
    }
    // They may lie in memory that is given back now.
    const kept = values.map((entry) => entry && entry.slice());
    this.free();
    this.#orLayoutError(() =>
      assertSameLayout(
        MPI.COMM_WORLD,
        "gradients",
        [...layout, ...lengths.map(layoutOfMore)],
        this.#agreed,
      ),
    );
    this.#layout = layout;
    this.#more = lengths;
    const fused = new FusedAverage({
      lengths: layout.map(elementsOf),
      more: lengths,
      order: layout.map((_, i) => layout.length - 1 - i),
      bucketBytes: this.#options.bucketBytes,
    });
    this.#fused = fused;
    return { fused, values: kept };
  }

  /** What all ranks must have been given alike. */
  get #agreed(): string {
    const { weight: _, ...options } = this.#options;
    return JSON.stringify(options);
  }

  /** Fails on every rank. */
  #refuse(error: Error): never {
    MPI.COMM_WORLD.refuse(this.#fused ? "allreduce" : "allgather", error);
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

const layoutOfMore = (length: number, i: number): VariableLayout => ({
  name: `value ${i}`,
  dtype: "float32",
  shape: [length],
});
