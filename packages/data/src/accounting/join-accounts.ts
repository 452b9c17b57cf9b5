import type { Catalogue } from "../catalogue/catalogue";
import type { RecordSet } from "../feed";
import {
  commonRecords,
  countRecords,
  gapsIn,
  NO_RECORDS,
  setOfRuns,
  subtractRecords,
  uniteRecords,
} from "../records/record-set";
import type { EpochAccount } from "./epoch-account";
import { PlaceSums } from "./place-sums";

/** Whether all records of an epoch went to exactly one rank. */
export interface EpochSummary {
  readonly isExact: boolean;
  /** Of all ranks, in this run. */
  readonly records: number;
  /** That went to no rank, as far as is known. */
  readonly missing: number;
  /** Times that a record went to a rank when one had it already. */
  readonly repeated: number;
  /**
   * Of all ranks, 16 hexadecimal digits: equal for equal records, whichever ranks had them in whatever order. null: a rank has left the
   * epoch before its end.
   */
  readonly checksum: string | null;
  /** Names of those without any record. */
  readonly emptyFiles: readonly string[];
  /** What is to be said, in a sentence. */
  readonly text: string;
}

/**
 * Puts the accounts of all ranks of an epoch together. Pure.
 *
 * @param accounts one a rank
 * @param seen what a run before this one had of the epoch
 * @param counts records of each file; null: not known, then nothing is missed behind the last record that any rank had
 */
export function joinAccounts(
  catalogue: Catalogue,
  accounts: readonly EpochAccount[],
  {
    seen = NO_RECORDS,
    counts = [],
  }: {
    readonly seen?: RecordSet;
    readonly counts?: readonly (number | null | undefined)[];
  } = {},
): EpochSummary {
  const records = accounts.reduce((sum, account) => sum + account.records, 0);
  const checksum = checksumOf(accounts.map((account) => account.checksum));
  const named = accounts.flatMap(({ records, fed }) =>
    fed === null ? [] : [{ records, fed }],
  );
  const known = { seen, counts };
  const { problem, lost, repeated } =
    named.length === accounts.length
      ? byName(catalogue, named, known)
      : bySums(catalogue, accounts, known);
  const emptyFiles = catalogue.files.flatMap(({ path }, file) =>
    endOf(file, accounts, seen) === 0 && !counts[file] ? [path] : [],
  );
  const epoch = `epoch ${accounts[0]?.epoch ?? 0}`;
  const before = countRecords(seen);
  const { files } = catalogue;
  const text =
    problem === null
      ? `${epoch}: each of ${inWords(records, "record")} in ${inWords(files.length, "file")} went to exactly one of ${inWords(accounts.length, "rank")}${before > 0 ? `, after ${inWords(before, "other")} of the run before` : ""}${checksum === null ? "" : `; checksum ${checksum}`}${emptyText(emptyFiles)}`
      : `${epoch}: ${problem}`;
  return {
    ...{ isExact: problem === null, records },
    ...{ missing: lost, repeated },
    ...{ checksum, emptyFiles, text },
  };
}

const checksumOf = (own: readonly EpochAccount["checksum"][]): string | null =>
  own.includes(null)
    ? null
    : [1, 0]
        .map((lane) => own.reduce((sum, one) => (sum + one![lane]!) >>> 0, 0))
        .map((sum) => sum.toString(16).padStart(8, "0"))
        .join("");

/** Behind the last record of a file that any rank had, in this run or the one before. */
const endOf = (
  file: number,
  accounts: readonly EpochAccount[],
  seen: RecordSet,
): number =>
  Math.max(
    seen[file]?.at(-1) ?? 0,
    ...accounts.map(({ ends }) => ends[file] ?? 0),
  );

interface Known {
  readonly seen: RecordSet;
  readonly counts: Counts;
}

/** What was wrong, null: nothing; and how many records are missing, or were there again, as far as is known. */
interface Findings {
  readonly problem: string | null;
  readonly lost: number;
  readonly repeated: number;
}

function byName(
  catalogue: Catalogue,
  accounts: readonly Named[],
  { seen, counts }: Known,
): Findings {
  const records = accounts.reduce((sum, account) => sum + account.records, 0);
  const had = uniteRecords(seen, ...accounts.map(({ fed }) => fed));
  const nobodys = missing(catalogue, had, counts);
  const lost = countRecords(nobodys);
  const problem =
    twice(catalogue, accounts, seen) ??
    (lost > 0
      ? `${describe(catalogue, nobodys)} went to no rank`
      : behindTheEnd(catalogue, had, counts));
  const repeated = records - (countRecords(had) - countRecords(seen));
  return { problem, lost, repeated };
}

/** By sums alone, where ranks had too many runs to name them. */
function bySums(
  { files }: Catalogue,
  accounts: readonly EpochAccount[],
  { seen, counts }: Known,
): Findings {
  const places = new PlaceSums();
  let wanted = 0;
  for (const file of files.keys()) {
    const end = counts[file] ?? endOf(file, accounts, seen);
    for (const [from, to] of gapsIn(seen, file, 0, end)) {
      places.add(file, from, to);
      wanted += to - from;
    }
  }
  const records = accounts.reduce((sum, account) => sum + account.records, 0);
  if (records !== wanted)
    return {
      problem: `ranks had ${inWords(records, "record")}, and there are ${wanted.toLocaleString("en-US")}: they are dealt out too finely to say which`,
      lost: Math.max(0, wanted - records),
      repeated: Math.max(0, records - wanted),
    };
  const areSame = places.sums.every(
    (sum, lane) =>
      sum === accounts.reduce((all, own) => (all + own.places[lane]!) >>> 0, 0),
  );
  if (areSame) return { problem: null, lost: 0, repeated: 0 };
  const problem =
    "some records went to more than one rank, and as many to none: they are dealt out too finely to say which";
  return { problem, lost: 1, repeated: 1 };
}

/** An account that names its records. */
interface Named {
  readonly records: number;
  readonly fed: RecordSet;
}

/** Says which records more than one had; null: none. */
function twice(
  catalogue: Catalogue,
  accounts: readonly Named[],
  seen: RecordSet,
): string | null {
  let before = seen;
  for (const [rank, { records, fed }] of accounts.entries()) {
    if (records !== countRecords(fed))
      return `rank ${rank} had ${inWords(records - countRecords(fed), "record")} more than once`;
    const again = commonRecords(before, fed);
    if (countRecords(again) > 0) {
      const other = accounts.findIndex(
        (account) => countRecords(commonRecords(account.fed, again)) > 0,
      );
      return `${describe(catalogue, again)} went to rank ${rank}, and ${other < rank ? `to rank ${other}, too` : "had been seen in the run before"}`;
    }
    before = uniteRecords(before, fed);
  }
  return null;
}

type Counts = readonly (number | null | undefined)[];

/** Which records nobody had. */
const missing = ({ files }: Catalogue, had: RecordSet, counts: Counts) =>
  setOfRuns(
    files.map((_, file): [number, number[]] => {
      const end = counts[file] ?? had[file]?.at(-1) ?? 0;
      return [file, [...gapsIn(had, file, 0, end)].flat()];
    }),
  );

/** Says which records cannot be; null: none. */
function behindTheEnd(
  catalogue: Catalogue,
  had: RecordSet,
  counts: Counts,
): string | null {
  const all = setOfRuns(
    counts.map((count, file): [number, number[]] => [
      file,
      [0, count ?? Infinity],
    ]),
  );
  const more = counts.length > 0 ? subtractRecords(had, all) : NO_RECORDS;
  return countRecords(more) > 0
    ? `${describe(catalogue, more)} lie behind the end that their file had when the dataset was opened`
    : null;
}

/** The first run of a set by name, and how many others there are. */
function describe({ files }: Catalogue, set: RecordSet): string {
  const [file, [from, to]] = Object.entries(set)[0]! as [
    string,
    readonly [number, number],
  ];
  const first =
    to - from === 1 ? `record ${from}` : `records ${from} to ${to - 1}`;
  const others = countRecords(set) - (to - from);
  return `${first} of ${files[+file]!.path}${others > 0 ? ` and ${inWords(others, "other")}` : ""}`;
}

const emptyText = ([first, ...others]: readonly string[]): string =>
  first === undefined
    ? ""
    : `; ${first}${others.length > 0 ? ` and ${inWords(others.length, "other")}` : ""} hold${others.length > 0 ? "" : "s"} no record`;

const inWords = (count: number, what: string): string =>
  `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
