import type { Fuzzed } from "./fuzz";

/** What a stranger may cost, in the largest process. */
const MOST_MIB = 150;

export function expectUnharmed(fuzzed: Fuzzed): void {
  const { attacks, jobs, weights, undisturbed, mostMiB, mostUndisturbedMiB } =
    fuzzed;
  expect(Object.keys(attacks).sort()).toEqual([
    ...["garbled", "oversized", "random", "replayed"],
    ...["silent", "truncated", "wrongKey"],
  ]);
  for (const count of Object.values(attacks)) expect(count).toBeGreaterThan(20);
  expect(jobs).toBeGreaterThan(0);
  expect(new Set(weights)).toEqual(new Set([undisturbed]));
  expect(mostMiB - mostUndisturbedMiB).toBeLessThan(MOST_MIB);
}
