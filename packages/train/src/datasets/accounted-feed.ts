import { writeSync } from "node:fs";
import {
  Account,
  describeReport,
  type EpochAccount,
  type EpochFeed,
  type EpochPlan,
  type EpochSummary,
  type Feed,
  joinAccounts,
  joinReports,
  MOST_SAMPLED_KEYS,
  type QualityReport,
  reportAcross,
  thinned,
} from "@tsmpi/data";
import { createLog, type Log, readLogLevel } from "@tsmpi/protocol";
import { gatherAccounts } from "@tsmpi/worker";
import type { SharedDataset } from "./mode";

/** What a rank says at the end of an epoch. */
interface Report {
  /** null: it left the epoch before its end. */
  readonly account: EpochAccount | null;
  readonly quality: QualityReport;
}

/**
 * A feed of which all ranks hear, when they have ended an epoch, whether each of its records went to exactly one of them. The root
 * tells people: of trouble always, else where they want to hear much.
 */
export class AccountedFeed implements Feed {
  readonly #feed: Feed;
  readonly #dataset: SharedDataset;
  readonly #log: Log;
  #passes = 0;
  /** Of the pass that has begun and not ended. */
  #open: { readonly pass: number; readonly plan: EpochPlan } | null = null;
  #summary: Promise<EpochSummary> | null = null;
  #told: string | null = null;
  /** What of all epochs was found only when all ranks were put together. */
  #across = joinReports([]);
  /** What is wrong with records of this rank. */
  quality: () => QualityReport = () => joinReports([]);

  constructor(feed: Feed, dataset: SharedDataset) {
    this.#feed = feed;
    this.#dataset = dataset;
    this.#log = createLog({
      where: `rank ${dataset.rank}`,
      level: readLogLevel(process.env),
      write: (line) => void writeSync(2, line),
    });
  }

  get records(): number | null {
    return this.#feed.records ?? null;
  }

  /** Of the epoch that ended last on this rank, when it has ended on all; null: none has. */
  get summary(): Promise<EpochSummary> | null {
    return this.#summary;
  }

  epoch(plan: EpochPlan): EpochFeed {
    // The others would wait for what this rank had of the epoch that it has left.
    if (this.#open !== null) this.#end(null);
    const open = { pass: this.#passes++, plan };
    this.#open = open;
    const inner = this.#feed.epoch(plan);
    return {
      [Symbol.asyncIterator]: () => inner[Symbol.asyncIterator](),
      delivered: (ids) => inner.delivered(ids),
      ended: (account) => {
        inner.ended?.(account);
        if (this.#open === open) this.#end(account);
      },
    };
  }

  #end(account: EpochAccount | null): void {
    const { pass, plan } = this.#open!;
    this.#open = null;
    this.#summary = this.#gather(pass, plan, account);
    // Whoever asks for it hears why there is none; all others hear elsewhere that a rank is lost.
    this.#summary.catch(() => {});
  }

  async #gather(
    pass: number,
    plan: EpochPlan,
    account: EpochAccount | null,
  ): Promise<EpochSummary> {
    const { number: dataset, size } = this.#dataset;
    const own: Report = { account, quality: thin(this.quality(), size) };
    const all = await gatherAccounts({ dataset, pass, account: own });
    const reports = all as readonly (Report | null)[];
    const summary = this.#summarize(plan, reports);
    if (this.#dataset.rank === 0) this.#tell(summary, reports);
    return summary;
  }

  #summarize(
    { epoch, seen }: EpochPlan,
    reports: readonly (Report | null)[],
  ): EpochSummary {
    const { catalogue, counts } = this.#dataset;
    const accounts = reports.map(
      (report) => report?.account ?? nothingOf(epoch),
    );
    const summary = joinAccounts(catalogue, accounts, { seen, counts });
    const without = reports.flatMap((report, rank) =>
      report === null
        ? [`rank ${rank} is gone`]
        : report.account === null
          ? [`rank ${rank} left it before its end`]
          : [],
    );
    if (without.length === 0) return summary;
    const text = `${summary.text} (${without.join(", ")})`;
    return { ...summary, isExact: false, text };
  }

  #tell(summary: EpochSummary, reports: readonly (Report | null)[]): void {
    const isWanted = this.#dataset.remainder !== "uneven";
    if (summary.isExact || isWanted) this.#log.info(summary.text);
    else this.#log.warn(summary.text);
    const quality = reports.map((report) => report?.quality ?? null);
    this.#across = joinReports([this.#across, reportAcross(quality)]);
    const found = quality.flatMap((report) => report ?? []);
    const bad = describeReport(joinReports([...found, this.#across]));
    if (bad !== null && bad !== this.#told) this.#log.warn(bad);
    this.#told = bad;
  }
}

/** With its part of the keys that may travel. */
function thin(report: QualityReport, size: number): QualityReport {
  const most = Math.floor(MOST_SAMPLED_KEYS / size);
  return { ...report, keys: report.keys && thinned(report.keys, most) };
}

const nothingOf = (epoch: number): EpochAccount => new Account(epoch).close();
