import type { RecordSet } from "../feed";

/** The ends of runs in ascending order: from, to (exclusive), from, to … */
type Runs = readonly number[];

export const NO_RECORDS: RecordSet = {};

export const uniteRecords = (...sets: readonly RecordSet[]): RecordSet =>
  sets.reduce((a, b) => combine(a, b, (inA, inB) => inA || inB), NO_RECORDS);

/** Those of `a` that are not in `b`. */
export const subtractRecords = (a: RecordSet, b: RecordSet): RecordSet =>
  combine(a, b, (inA, inB) => inA && !inB);

export const commonRecords = (a: RecordSet, b: RecordSet): RecordSet =>
  combine(a, b, (inA, inB) => inA && inB);

export function countRecords(set: RecordSet): number {
  let count = 0;
  for (const runs of Object.values(set))
    for (let i = 0; i < runs.length; i += 2) count += runs[i + 1]! - runs[i]!;
  return count;
}

/** Records `from` to `to` (exclusive) of one file. */
export const runOf = (file: number, from: number, to: number): RecordSet =>
  from < to ? { [file]: [from, to] } : NO_RECORDS;

/** @param runs of each file: from, to (exclusive), from, to … in any order, and they may overlap */
export function setOfRuns(
  runs: Iterable<readonly [file: number, ends: readonly number[]]>,
): RecordSet {
  const set: Record<number, Runs> = {};
  for (const [file, ends] of runs) {
    const order = ends.flatMap((_, i) => (i % 2 === 0 ? [i] : []));
    order.sort((a, b) => ends[a]! - ends[b]!);
    const joined: number[] = [];
    for (const i of order) {
      const [from, to] = [ends[i]!, ends[i + 1]!];
      if (from === to) continue;
      const last = joined.at(-1);
      if (last === undefined || last < from) joined.push(from, to);
      else joined[joined.length - 1] = Math.max(last, to);
    }
    if (joined.length > 0) set[file] = joined;
  }
  return set;
}

/** The runs that records of one file make up. @param records each once, in any order; it is sorted */
export function runsOfRecords(records: number[]): number[] {
  records.sort((a, b) => a - b);
  const runs: number[] = [];
  for (const record of records)
    if (runs.at(-1) === record) runs[runs.length - 1] = record + 1;
    else runs.push(record, record + 1);
  return runs;
}

/** What of records `from` to `to` (exclusive) of a file is not in the set: runs in ascending order. */
export function* gapsIn(
  set: RecordSet,
  file: number,
  from: number,
  to: number,
): Generator<readonly [from: number, to: number]> {
  const runs = set[file] ?? [];
  let at = from;
  for (let i = firstEndAfter(runs, from); i < runs.length && at < to; i += 2) {
    if (runs[i]! > at) yield [at, Math.min(runs[i]!, to)];
    at = runs[i + 1]!;
  }
  if (at < to) yield [at, to];
}

/** Whether all of records `from` to `to` (exclusive) of a file are in the set. */
export const hasRecords = (
  set: RecordSet,
  file: number,
  from: number,
  to = from + 1,
): boolean => gapsIn(set, file, from, to).next().done === true;

/** Index of the first run that ends behind `record`. */
function firstEndAfter(runs: Runs, record: number): number {
  let [low, high] = [0, runs.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[2 * middle + 1]! > record) high = middle;
    else low = middle + 1;
  }
  return 2 * low;
}

function combine(
  a: RecordSet,
  b: RecordSet,
  keep: (inA: boolean, inB: boolean) => boolean,
): RecordSet {
  const united: Record<number, Runs> = {};
  for (const file of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const runs = combineRuns(a[+file] ?? [], b[+file] ?? [], keep);
    if (runs.length > 0) united[+file] = runs;
  }
  return united;
}

/** Goes through the ends of both; behind an odd number of them one is inside. */
function combineRuns(
  a: Runs,
  b: Runs,
  keep: (inA: boolean, inB: boolean) => boolean,
): Runs {
  const runs: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const at = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    if (a[i] === at) i++;
    if (b[j] === at) j++;
    const isInside = runs.length % 2 === 1;
    if (keep(i % 2 === 1, j % 2 === 1) !== isInside) runs.push(at);
  }
  return runs;
}
