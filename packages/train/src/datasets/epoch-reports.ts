import {
  Account,
  type EpochAccount,
  type EpochPlan,
  type EpochSummary,
  joinAccounts,
  type QualityReport,
  unevenBy,
} from "@tsmpi/data";
import type { SharedDataset } from "./mode";

/** What a rank says at the end of an epoch. */
export interface Report {
  /** null: it left the epoch before its end. */
  readonly account: EpochAccount | null;
  readonly quality: QualityReport;
}

/** What is to be said of an epoch. */
export interface Said {
  readonly summary: EpochSummary;
  /** Where it is not exact: the program wanted it so. */
  readonly isAskedFor: boolean;
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
  const [gone, left]: [number[], number[]] = [[], []];
  for (const [rank, report] of reports.entries())
    if (report === null) gone.push(rank);
    else if (report.account === null) left.push(rank);
  if (gone.length + left.length === 0)
    return { summary, isAskedFor: isOf(dataset, summary, reports.length) };
  const who = [
    ...gone.map((rank) => `rank ${rank} is gone`),
    ...left.map((rank) => `rank ${rank} left it before its end`),
  ];
  const text = `${summary.text} (${who.join(", ")})`;
  return {
    summary: { ...summary, isExact: false, text },
    isAskedFor: left.length === reports.length,
  };
}

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
