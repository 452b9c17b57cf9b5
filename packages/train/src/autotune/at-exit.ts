import { readEnvironment } from "@tsmpi/protocol";
import { tellLauncher } from "@tsmpi/worker";
import { notice, warn } from "../log";
import { ALONE, describeUnfinished, NO_STEP } from "./report";

/** How far the tuning of one training is. */
export interface Progress {
  readonly steps: number;
  /** That it takes at the most. */
  readonly mostSteps: number;
  readonly isOver: boolean;
}

let isWatched = false;
const trainings: { readonly progress: Progress }[] = [];

/** Something is distributed that is to be tuned: rank 0 says at the end of the program if that came to nothing. */
export function watchTuning(): void {
  const { rank, size } = readEnvironment(process.env);
  if (isWatched || rank !== 0) return;
  isWatched = true;
  tellLauncher({ type: "autotune" });
  process.once("exit", (exitCode) => {
    // Of a program that failed there is worse to tell.
    if (exitCode !== 0) return;
    if (size === 1) return notice(ALONE);
    const problem = problemOf(trainings.map(({ progress }) => progress));
    if (problem !== null) warn(problem);
  });
}

/** @param training has made its first step */
export const tuningBegins = (training: { readonly progress: Progress }): void =>
  void trainings.push(training);

/** Of several trainings the one that came furthest; null: one of them has what it needs. */
export function problemOf(all: readonly Progress[]): string | null {
  const [first, ...others] = all;
  if (first === undefined) return NO_STEP;
  if (all.some(({ isOver }) => isOver)) return null;
  const furthest = others.reduce(
    (best, one) => (one.steps > best.steps ? one : best),
    first,
  );
  return describeUnfinished(furthest);
}
