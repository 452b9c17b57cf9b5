import { isSameWay, type Way } from "../exchange/way";
import type { Space } from "./space";

/** What was measured of one way. */
export interface Trial {
  readonly way: Way;
  /** Median over its steps; of each step the time of the slowest rank. */
  readonly stepMs: number;
}

export type Decision =
  { readonly type: "try"; readonly way: Way; readonly reason: string } | Choice;

export interface Choice {
  readonly type: "choose";
  readonly way: Way;
  readonly stepMs: number;
  /** Of the way that would be used without autotune. */
  readonly startMs: number;
  /** A sentence for a person. */
  readonly reason: string;
}

/** A way must save this part of a step to be taken: less is within what steps differ by anyhow. */
export const LEAST_GAIN = 0.03;

/** Rounds of the last two ways, in turns. */
export const ROUNDS = 2;

const COORDINATES = [
  { name: "algorithm", why: "another algorithm" },
  { name: "bucketBytes", why: "the fastest algorithm with other buckets" },
  { name: "compression", why: "the fastest of these, compressed" },
] as const;

/**
 * What to try next, or what to use from now on. Depends on nothing but its arguments, so that all ranks decide alike.
 *
 * Coordinate by coordinate, each with the best of the one before, since the whole product would take hundreds of steps: the
 * start; all algorithms; all buckets; all compressions. Then the fastest and the start take turns: a program becomes faster
 * while it runs, and a slow moment of the machine should decide nothing. The start stays unless it lost every round.
 */
export function decide(space: Space, trials: readonly Trial[]): Decision {
  const { start } = space;
  const timesOf = (way: Way): number[] =>
    trials
      .filter((trial) => isSameWay(trial.way, way))
      .map(({ stepMs }) => stepMs);
  const isUntried = (way: Way): boolean => timesOf(way).length === 0;
  // What is measured later must not change which ways there were to try.
  const firstOf = (way: Way): number => timesOf(way)[0]!;
  const fastest = (ways: readonly Way[]): Way =>
    ways.reduce((best, way) => (firstOf(way) < firstOf(best) ? way : best));

  if (isUntried(start)) return attempt(start, "as without autotune");
  let best: Way = {
    algorithm: space.algorithm[0]!,
    bucketBytes: space.bucketBytes[0]!,
    compression: space.compression[0]!,
  };
  for (const { name, why } of COORDINATES) {
    const ways = space[name].map((value) =>
      normal({ ...best, [name]: value }, space),
    );
    const untried = ways.find(isUntried);
    if (untried) return attempt(untried, why);
    best = fastest(ways);
  }
  best = fastest([start, best]);
  if (isSameWay(best, start))
    return choose(start, firstOf(start), firstOf(start), "nothing was faster");
  const [startTimes, bestTimes] = [timesOf(start), timesOf(best)] as const;
  if (bestTimes.length <= ROUNDS) {
    const isStartsTurn = startTimes.length <= bestTimes.length;
    return attempt(isStartsTurn ? start : best, "once more, in turns");
  }
  return verdict(start, best, [startTimes.slice(1), bestTimes.slice(1)]);
}

/** What is compressed has an algorithm of its own: there are no two such ways that differ in another one. */
const normal = (way: Way, { start }: Space): Way =>
  way.compression === "none" ? way : { ...way, algorithm: start.algorithm };

/** @param rounds times of the start, and of the best */
function verdict(
  start: Way,
  best: Way,
  [startTimes, bestTimes]: readonly [readonly number[], readonly number[]],
): Choice {
  const [startMs, bestMs] = [mean(startTimes), mean(bestTimes)];
  const gain = 1 - bestMs / startMs;
  const wonAll = bestTimes.every((time, round) => time < startTimes[round]!);
  if (wonAll && gain >= LEAST_GAIN)
    return choose(
      best,
      bestMs,
      startMs,
      `a step takes ${(100 * gain).toFixed(1)} % less`,
    );
  const reason = `nothing was faster by ${100 * LEAST_GAIN} % each time`;
  return choose(start, startMs, startMs, reason);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const attempt = (way: Way, reason: string): Decision => ({
  ...{ type: "try", way, reason },
});

const choose = (
  way: Way,
  stepMs: number,
  startMs: number,
  reason: string,
): Choice => ({ type: "choose", way, stepMs, startMs, reason });
