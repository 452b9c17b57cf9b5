import { describeWay, isSameWay, type Way } from "../exchange/way";
import type { Choice, Trial } from "./decide";
import type { KeptChoice } from "./kept-choice";
import { mostTrials, type Space } from "./space";
import { FIRST_STEPS, MEASURED_STEPS, SETTLING_STEPS } from "./step-times";

// What people read, on rank 0.

export const mostSteps = (space: Space): number =>
  FIRST_STEPS -
  SETTLING_STEPS +
  mostTrials(space) * (SETTLING_STEPS + MEASURED_STEPS);

export const describeBeginning = (space: Space): string =>
  `autotune: tries ${[
    count(space.algorithm.length, "algorithm"),
    count(space.bucketBytes.length, "bucket size"),
    ...(space.compression.length > 1
      ? [`compression (${space.compression.join(", ")})`]
      : []),
  ].join(", ")} in the first ${mostSteps(space)} steps at most`;

/** @param file where it is kept; null: nowhere */
export function describeChoice(
  { way, stepMs, startMs, reason }: Choice,
  trials: readonly Trial[],
  { space, file }: { readonly space: Space; readonly file: string | null },
): string {
  const against = isSameWay(way, space.start)
    ? ", as without autotune"
    : `, against ${milliseconds(startMs)} without autotune`;
  return [
    `autotune: chose ${describeWay(way)}: ${reason} (${milliseconds(stepMs)}${against})`,
    ...measured(trials).map(
      ([one, times]) => `tried ${one}: ${times.join(", ")}`,
    ),
    ...leftOut(space).map((one) => `not tried: ${one}`),
    file === null
      ? "not kept"
      : `kept for these hosts and this model in ${file}; delete it to measure anew`,
  ].join("\n");
}

/** In the order in which they were tried first. */
function measured(trials: readonly Trial[]): [way: string, times: string[]][] {
  const times = new Map<string, string[]>();
  for (const { way, stepMs } of trials) {
    const name = describeWay(way);
    times.set(name, [...(times.get(name) ?? []), milliseconds(stepMs)]);
  }
  return [...times];
}

export const describeKept = (
  { way, madeAt, reason }: KeptChoice,
  file: string,
): string =>
  `autotune: takes ${describeWay(way)}, chosen ${madeAt.slice(0, 10)}: ${reason}; kept in ${file}, delete it to measure anew`;

export const describeRefused = (file: string, why: string): string =>
  `autotune: ${file} is not used, and will be written anew: ${why}`;

export const describeUnfinished = ({
  steps,
  mostSteps,
}: {
  readonly steps: number;
  readonly mostSteps: number;
}): string =>
  `autotune: the training ended after ${count(steps, "step")}, and trying takes up to ${mostSteps}: nothing was chosen, nothing is kept; train for more steps, or leave autotune out`;

export const NO_STEP =
  "autotune: there was nothing to tune: the program distributed a model or an optimizer, and made no training step with it; train it with fit, trainOnBatch or minimize, or leave autotune out";

export const ALONE =
  "autotune: there was nothing to tune: one rank exchanges nothing; start several, as with tsrun -n 4, or leave autotune out";

/** What this job cannot tell, and who can. */
function leftOut({ start, algorithm, compression }: Space): string[] {
  const hasSockets =
    compression.length > 1 || algorithm.some((name) => name !== "direct");
  return [
    ...(hasSockets
      ? [
          "ipc or tcp instead, as a job opens its sockets once (tsrun bench allreduce --transport ipc,tcp compares them)",
        ]
      : []),
    ...(start.algorithm !== "direct"
      ? [
          "shared memory, as the ranks share none or --allreduce forces an algorithm",
        ]
      : []),
    ...(compression.length === 1
      ? [
          "compression, as it changes what is computed a little (--compression NAME allows it)",
        ]
      : []),
  ];
}

const count = (n: number, noun: string): string =>
  `${n} ${noun}${n === 1 ? "" : "s"}`;

/** For each trial, at the level of those who want to see more. */
export const describeTrial = (way: Way, reason: string): string =>
  `autotune: tries ${describeWay(way)}, ${reason}`;

/** With three digits. */
const milliseconds = (ms: number): string =>
  `${ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3)} ms`;
