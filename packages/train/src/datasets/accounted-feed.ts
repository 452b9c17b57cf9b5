import {
  describeReport,
  type EpochFeed,
  type EpochPlan,
  type EpochSummary,
  type Feed,
  joinReports,
  MOST_SAMPLED_KEYS,
  type QualityReport,
  reportAcross,
  type Source,
  thinned,
} from "@tsmpi/data";
import { gatherAccounts } from "@tsmpi/worker";
import { info } from "../log";
import { assertAllTakePart } from "./loss";
import type { Mode } from "./mode";
import { type Report, type Said, summarize } from "./epoch-reports";
import type { SharedDataset } from "./mode";

/**
 * A feed of which all ranks hear, when they have ended an epoch, whether each of its records went to exactly one of them. The root
 * tells people: of trouble always, else where they want to hear much.
 */
export class AccountedFeed implements Feed {
  readonly #feed: Feed;
  readonly #dataset: SharedDataset;
  readonly #takesOver: boolean;
  #passes = 0;
  #summary: Promise<EpochSummary> | null = null;
  #told: string | null = null;
  /** What of all epochs was found only when all ranks were put together. */
  #across = joinReports([]);
  /** Knows what is wrong with records of this rank, and whom to tell. Set before the first epoch. */
  source!: Pick<Source, "quality" | "warn">;

  constructor(mode: Mode, dataset: SharedDataset) {
    this.#feed = mode.feed(dataset);
    this.#dataset = dataset;
    this.#takesOver = mode.takesOver;
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
      get ready() {
        return inner.ready ?? 0;
      },
      [Symbol.asyncIterator]: () => inner[Symbol.asyncIterator](),
      delivered: (ids) => inner.delivered(ids),
      dropped: (ids) => inner.dropped?.(ids),
      complete: async () => {
        if (!this.#takesOver) await assertAllTakePart(this.#dataset, open);
      },
      ended: (account) => {
        inner.ended?.(account);
        this.#end(open, { account, leaving: null });
      },
      left: (account, leaving) => {
        inner.left?.(account, leaving);
        this.#end(open, { account, leaving });
      },
    };
  }

  #end(open: Pass, ending: Ending): void {
    const summary = this.#gather(open, ending);
    // Whoever asks for it hears why there is none; all others hear elsewhere that a rank is lost.
    summary.catch(() => {});
    if (ending.leaving !== "unbegun") this.#summary = summary;
  }

  async #gather({ pass, plan }: Pass, ending: Ending): Promise<EpochSummary> {
    const { number: dataset, size } = this.#dataset;
    const own: Report = {
      ...ending,
      quality: thin(this.source.quality, size),
    };
    const all = await gatherAccounts({ dataset, pass, account: own });
    const reports = all as readonly (Report | null)[];
    const said = summarize(this.#dataset, plan, reports);
    const isNothing = reports.every(
      (report) => report === null || report.leaving === "unbegun",
    );
    if (this.#dataset.rank === 0 && !isNothing) this.#tell(said, reports);
    return said.summary;
  }

  #tell({ summary, isGood }: Said, reports: readonly (Report | null)[]): void {
    if (isGood) info(summary.text);
    else this.source.warn(summary.text);
    const quality = reports.map((report) => report?.quality ?? null);
    this.#across = joinReports([this.#across, reportAcross(quality)]);
    const found = quality.flatMap((report) => report ?? []);
    const bad = describeReport(joinReports([...found, this.#across]));
    if (bad !== null && bad !== this.#told) this.source.warn(bad);
    this.#told = bad;
  }
}

interface Pass {
  readonly pass: number;
  readonly plan: EpochPlan;
}

type Ending = Omit<Report, "quality">;

/** With its part of the keys that may travel. */
function thin(report: QualityReport, size: number): QualityReport {
  const most = Math.floor(MOST_SAMPLED_KEYS / size);
  return { ...report, keys: report.keys && thinned(report.keys, most) };
}
