import type { CostOf, LinkTraffic } from "./algorithm";

/** One round of shifting to the right by 2^k ranks, without going around; null where nobody is. */
export interface ShiftRound {
  readonly dest: number | null;
  readonly source: number | null;
}

/** Rounds k = 0, 1, … until rank 0 has reached everybody. */
export function shiftRounds({
  rank,
  size,
}: {
  readonly rank: number;
  readonly size: number;
}): ShiftRound[] {
  const rounds: ShiftRound[] = [];
  for (let distance = 1; distance < size; distance *= 2)
    rounds.push({
      dest: rank + distance < size ? rank + distance : null,
      source: rank >= distance ? rank - distance : null,
    });
  return rounds;
}

/** The whole buffer in each round. */
export const shiftTraffic = (call: CostOf): LinkTraffic[] =>
  shiftRounds(call).flatMap(({ dest }) =>
    dest === null
      ? []
      : [{ to: dest, messages: 1, bytes: call.count * call.elementBytes }],
  );
