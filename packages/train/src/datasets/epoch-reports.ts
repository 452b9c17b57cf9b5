import {
  Account,
  type EpochAccount,
  type EpochPlan,
  type EpochSummary,
  joinAccounts,
  type Leaving,
  type QualityReport,
  totalRecords,
  unevenBy,
} from "@tsmpi/data";
import type { SharedDataset } from "./mode";

/** What a rank says at the end of an epoch. */
export interface Report {
  readonly account: EpochAccount;
  /** null: it has not left the epoch before its end. */
  readonly leaving: Leaving | null;
  readonly quality: QualityReport;
}

/** What is to be said of an epoch. */
export interface Said {
  readonly summary: EpochSummary;
  /** Nothing is wrong with it, or what is not exact the program wanted so. */
  readonly isGood: boolean;
}

/**
 * Puts together what all ranks say of an epoch. Pure.
 *
 * @param reports one a rank; null: it is gone
 */
export function summarize(
  dataset: Pick<
    SharedDataset,
    "catalogue" | "counts" | "partition" | "remainder"
  >,
  { epoch, seen }: Pick<EpochPlan, "epoch" | "seen">,
  reports: readonly (Report | null)[],
): Said {
  const { catalogue, counts } = dataset;
  const accounts = reports.map((report) => report?.account ?? nothingOf(epoch));
  const summary = joinAccounts(catalogue, accounts, { seen, counts });
  const who = reports.flatMap((report, rank) => {
    if (report === null)
      return [`rank ${rank} is gone, and cannot say what it had`];
    if (report.leaving === null) return [];
    return [`rank ${rank} ${IN_WORDS[report.leaving]}`];
  });
  if (who.length === 0)
    return {
      summary,
      isGood: summary.isExact || isOf(dataset, summary, reports.length),
    };
  // Records behind the last one that any rank had are missed only where it is known that there are some.
  const isExact = summary.isExact && totalRecords(counts) !== null;
  const text = `${summary.text} (${who.join(", ")})`;
  const isGone = reports.includes(null);
  return {
    summary: { ...summary, isExact, text },
    isGood: isGone ? isExact : summary.isExact || isWanted(summary, reports),
  };
}

const IN_WORDS: { readonly [Why in Leaving]: string } = {
  enough: "took no more of it",
  early: "left it before its end",
  unbegun: "did not begin it",
};

/** Whether records are missing since each rank that left has as much as it wanted, or all have left. */
const isWanted = (
  { repeated }: EpochSummary,
  reports: readonly (Report | null)[],
): boolean =>
  repeated === 0 &&
  (reports.every((report) => report!.leaving !== null) ||
    reports.every((report) => report!.leaving !== "early"));

/** Whether no more is missing, or there twice, than what cannot be shared out equally. */
function isOf(
  { partition, remainder }: Pick<SharedDataset, "partition" | "remainder">,
  { missing, repeated }: EpochSummary,
  ranks: number,
): boolean {
  const most = ranks * unevenBy(partition);
  switch (remainder) {
    case "uneven":
      return false;
    case "drop":
      return repeated === 0 && missing > 0 && missing < most;
    case "pad":
      return missing === 0 && repeated > 0 && repeated < most;
  }
}

const nothingOf = (epoch: number): EpochAccount => new Account(epoch).close();
