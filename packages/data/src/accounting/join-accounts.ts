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

/** Whether all records of an epoch went to exactly one rank. */
export interface EpochSummary {
  readonly isExact: boolean;
  /** Of all ranks, in this run. */
  readonly records: number;
  /** That went to no rank, as far as is known. */
  readonly missing: number;
  /** Times that a record went to a rank when one had it already. */
  readonly repeated: number;
  /** Of all ranks, 16 hexadecimal digits: equal for equal records, whichever ranks had them in whatever order. */
  readonly checksum: string;
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
  const checksum = [1, 0]
    .map((lane) =>
      accounts.reduce((sum, own) => (sum + own.checksum[lane]!) >>> 0, 0),
    )
    .map((sum) => sum.toString(16).padStart(8, "0"))
    .join("");
  const had = uniteRecords(seen, ...accounts.map(({ fed }) => fed));
  const lost = missing(catalogue, had, counts);
  const problem =
    twice(catalogue, accounts, seen) ??
    (countRecords(lost) > 0
      ? `${describe(catalogue, lost)} went to no rank`
      : behindTheEnd(catalogue, had, counts));
  const emptyFiles = catalogue.files.flatMap(({ path }, file) =>
    had[file] === undefined && !counts[file] ? [path] : [],
  );
  const epoch = `epoch ${accounts[0]?.epoch ?? 0}`;
  const before = countRecords(seen);
  const { files } = catalogue;
  const text =
    problem === null
      ? `${epoch}: each of ${inWords(records, "record")} in ${inWords(files.length, "file")} went to exactly one of ${inWords(accounts.length, "rank")}${before > 0 ? `, after ${inWords(before, "other")} of the run before` : ""}; checksum ${checksum}${emptyText(emptyFiles)}`
      : `${epoch}: ${problem}`;
  return {
    ...{ isExact: problem === null, records },
    missing: countRecords(lost),
    repeated: records - (countRecords(had) - before),
    ...{ checksum, emptyFiles, text },
  };
}

/** Says which records more than one had; null: none. */
function twice(
  catalogue: Catalogue,
  accounts: readonly EpochAccount[],
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
