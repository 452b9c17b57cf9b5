import { writeSync } from "node:fs";
import {
  describeReport,
  type EpochAccount,
  type EpochFeed,
  type EpochPlan,
  type EpochSummary,
  type Feed,
  joinReports,
  MOST_SAMPLED_KEYS,
  type QualityReport,
  reportAcross,
  thinned,
} from "@tsmpi/data";
import { createLog, type Log, readLogLevel } from "@tsmpi/protocol";
import { gatherAccounts } from "@tsmpi/worker";
import { type Report, type Said, summarize } from "./epoch-reports";
import type { SharedDataset } from "./mode";

/**
 * A feed of which all ranks hear, when they have ended an epoch, whether each of its records went to exactly one of them. The root
 * tells people: of trouble always, else where they want to hear much.
 */
export class AccountedFeed implements Feed {
  readonly #feed: Feed;
  readonly #dataset: SharedDataset;
  readonly #log: Log;
  #passes = 0;
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
    const open = { pass: this.#passes++, plan };
    const inner = this.#feed.epoch(plan);
    return {
      [Symbol.asyncIterator]: () => inner[Symbol.asyncIterator](),
      delivered: (ids) => inner.delivered(ids),
      dropped: (ids) => inner.dropped?.(ids),
      ended: (account) => {
        inner.ended?.(account);
        this.#end(open, account);
      },
      // The others would wait for what this rank had of it.
      left: () => {
        inner.left?.();
        this.#end(open, null);
      },
    };
  }

  #end(
    { pass, plan }: { readonly pass: number; readonly plan: EpochPlan },
    account: EpochAccount | null,
  ): void {
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
    const said = summarize(this.#dataset, plan, reports);
    if (this.#dataset.rank === 0) this.#tell(said, reports);
    return said.summary;
  }

  #tell(
    { summary, isAskedFor }: Said,
    reports: readonly (Report | null)[],
  ): void {
    if (summary.isExact || isAskedFor) this.#log.info(summary.text);
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
