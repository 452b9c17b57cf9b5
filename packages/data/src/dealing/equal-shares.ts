import { sliceRecords } from "../records/raw-records";
import type { Dealt } from "./deal";

/** Deals the records of an epoch out, from the first one on, the same each time; run by run. */
export type DealEpoch = () => AsyncIterable<Iterable<Dealt>>;

/** Of what is dealt out, no rank gets more than its first `most` records. */
export const cutShares = (
  deal: DealEpoch,
  { size, most }: { readonly size: number; readonly most: number },
): DealEpoch =>
  async function* () {
    const left = Array.from({ length: size }, () => most);
    for await (const run of deal()) {
      yield firstOf(run, left);
      if (left.every((count) => count === 0)) return;
    }
  };

/**
 * Behind all that is dealt out, ranks that have fewer records than another one get their first ones again, and one that has none the
 * first of all. These are dealt out a second time, so that nothing waits in memory for an end that may be far.
 */
export const padShares = (
  deal: DealEpoch,
  { size }: { readonly size: number },
): DealEpoch =>
  async function* () {
    const counts = Array.from({ length: size }, () => 0);
    for await (const run of deal()) yield counted(run, counts);
    const most = Math.max(...counts);
    const left = counts.map((count) => most - count);
    const none = [...counts.keys()].filter((rank) => counts[rank] === 0);
    while (left.some((count) => count > 0))
      for await (const run of deal()) {
        yield firstOf(alsoTo(none, run), left);
        if (left.every((count) => count === 0)) break;
      }
  };

/** @param left how many records each rank may still have: counted down */
function* firstOf(run: Iterable<Dealt>, left: number[]): Generator<Dealt> {
  for (const { to, file, records } of run) {
    const count = Math.min(left[to]!, records.starts.length);
    left[to]! -= count;
    if (count > 0) yield { to, file, records: sliceRecords(records, 0, count) };
  }
}

function* counted(run: Iterable<Dealt>, counts: number[]): Generator<Dealt> {
  for (const dealt of run) {
    counts[dealt.to]! += dealt.records.starts.length;
    yield dealt;
  }
}

function* alsoTo(
  ranks: readonly number[],
  run: Iterable<Dealt>,
): Generator<Dealt> {
  for (const dealt of run) {
    yield dealt;
    for (const to of ranks) yield { ...dealt, to };
  }
}
