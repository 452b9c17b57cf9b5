import { NonFiniteError } from "@tsmpi/protocol";
import { type GradientValues, tensorMemory } from "@tsmpi/engine";
import { MPI } from "@tsmpi/worker";
import type { Optimizer } from "@tensorflow/tfjs";
import { warn } from "../log";
import type { ResolvedOptions } from "../options";
import { countersOf, setCounters, type TrainingCounters } from "./counters";
import type { Averages } from "./fused-average";
import { clipByGlobalNorm } from "./global-norm";
import type { NamedGradient } from "./gradient";
import type { VariableLayout } from "./layout";
import { nonFiniteGradients, nonFiniteSums } from "./non-finite";
import { applySchedule } from "./step-learning-rate";

/** The optimizer's own update. */
export interface Apply {
  tensors(gradients: readonly NamedGradient[]): void;
  /** False: nothing has happened, it must have tensors. */
  values(gradients: readonly GradientValues[]): boolean;
}

/** What becomes of gradients: has an optimizer apply them, unless they are not finite, and counts steps. */
export class Updates {
  readonly #optimizer: Optimizer;
  readonly #options: ResolvedOptions;
  readonly #apply: Apply;

  constructor(optimizer: Optimizer, options: ResolvedOptions, apply: Apply) {
    this.#optimizer = optimizer;
    this.#options = options;
    this.#apply = apply;
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

  /**
   * Of the only rank there is; its gradients stay the caller's.
   *
   * @returns false: the update is left out
   * @throws {NonFiniteError}
   */
  applyOwn(gradients: readonly NamedGradient[]): boolean {
    const steps = this.#countStep();
    const culprits = gradients.filter(
      ({ tensor }) => tensor && !tensorMemory().isFinite(tensor),
    );
    if (culprits.length > 0) {
      const names = culprits.map(({ name }) => name).join(", ");
      this.#report(nonFiniteGradients(steps + 1, `rank 0: ${names}`));
      return false;
    }
    applySchedule(this.#optimizer, steps);
    this.#apply.tensors(gradients);
    return true;
  }

  /**
   * Every rank calls this, or none.
   *
   * @param ownNonFinite indices of gradients that were not finite here
   * @returns false: the update is left out
   * @throws {NonFiniteError} on every rank
   */
  applyAverages(
    averages: Averages,
    layout: readonly VariableLayout[],
    ownNonFinite: readonly number[],
  ): boolean {
    const steps = this.#countStep();
    const problem = this.#nonFinite(averages, layout, ownNonFinite);
    if (problem !== null) {
      this.#report(problem);
      return false;
    }
    applySchedule(this.#optimizer, steps);
    const { entries } = averages;
    const limit = this.#options.clipGlobalNorm;
    if (limit !== null) clipByGlobalNorm(entries, limit);
    const values = layout.map(({ name }, i) => ({ name, values: entries[i]! }));
    if (this.#apply.values(values)) return true;
    const gradients = layout.map(({ name, shape }, i) => {
      const average = entries[i]!;
      const tensor = average && tensorMemory().create(average, shape);
      return { name, tensor };
    });
    this.#apply.tensors(gradients);
    for (const { tensor } of gradients) tensor?.dispose();
    return true;
  }

  /** @returns how many there were before */
  #countStep(): number {
    const { steps } = this.counters;
    this.counters = { ...this.counters, steps: steps + 1 };
    return steps;
  }

  #nonFinite(
    { nonFinite, nonFiniteAverages, compression }: Averages,
    layout: readonly VariableLayout[],
    ownNonFinite: readonly number[],
  ): string | null {
    const name = (i: number) => layout[i]!.name;
    const step = this.counters.steps;
    if (nonFinite > 0) {
      const culprits = MPI.COMM_WORLD.allgather(ownNonFinite.map(name))
        .map((names, rank) => ({ names, rank }))
        .filter(({ names }) => names.length > 0)
        .map(({ names, rank }) => `rank ${rank}: ${names.join(", ")}`);
      return nonFiniteGradients(step, culprits.join("; "));
    }
    const beyond = nonFiniteAverages.map(name);
    return beyond.length === 0
      ? null
      : nonFiniteSums(step, beyond.join(", "), compression);
  }

  /** @throws {NonFiniteError} unless such updates are to be left out */
  #report(problem: string): void {
    if (!this.leavesOut) throw new NonFiniteError(problem);
    if (MPI.COMM_WORLD.rank === 0) warn(`update left out: ${problem}`);
  }
}
