import { writeSync } from "node:fs";
import { createLog, readEnvironment, readLogLevel } from "@tsmpi/protocol";
import type { EpochAccount } from "../accounting/epoch-account";
import type { Catalogue } from "../catalogue/catalogue";
import type { EpochPlan, Feed, RecordSet } from "../feed";
import { joinReports, type QualityReport } from "../quality/defects";
import { QualityGuard, type QualityOptions } from "../quality/guard";
import { SeenRecords } from "../records/seen-records";
import { SourcePass } from "./source-pass";

/** How far a program is with a dataset: plain data, for a checkpoint. */
export interface Position {
  /** The one that is under way, or comes next. */
  readonly epoch: number;
  readonly seed: number;
  /** What the program has had of that epoch. */
  readonly seen: RecordSet;
}

/** The beginning of the epoch after it. */
export const nextEpoch = ({ epoch, seed }: Position): Position => ({
  ...{ epoch: epoch + 1, seed, seen: {} },
});

export interface SourceOptions {
  /** Files, and parts of files, in another order each epoch. Default true. */
  readonly shuffle?: boolean;
  /** Of all that is random. Default 0. */
  readonly seed?: number;
  /** Where a run before this one was; it tells the seed, too. */
  readonly position?: Position;
  /** What records must be like, and what to do with others. */
  readonly quality?: QualityOptions;
  /** Is told what people should know. Default: a line on stderr. */
  readonly warn?: (text: string) => void;
  /**
   * Whether `for await` ends, in mode `dynamic`, only when nothing can come back any more from a rank that is lost, or leaves. False
   * for a loop with collective calls, for which the others would wait. Default true; `fitDataset` never waits.
   */
  readonly waitAtEnd?: boolean;
  /** What `fitDataset` is given of an item. */
  readonly present?: (item: unknown) => unknown;
}

/** Where the records of a dataset come from, epoch by epoch, and which of them the program has had. */
export class Source {
  readonly catalogue: Catalogue;
  readonly guard: QualityGuard;
  readonly present: (item: unknown) => unknown;
  readonly #warn: (text: string) => void;
  readonly #feed: Feed;
  readonly #isShuffled: boolean;
  readonly #waits: boolean;
  readonly #seed: number;
  #epoch: number;
  #seen: SeenRecords;
  /** Where the program was when the epoch before this one ended. */
  #before: Position | null = null;
  /** The one that is under way, or ended last. */
  #pass: SourcePass | null = null;
  #isUnderWay = false;
  /** The one that comes next, where somebody is at work on it already. */
  #ahead: { readonly pass: SourcePass; readonly by: object } | null = null;
  #told: QualityReport | null = null;

  constructor(
    catalogue: Catalogue,
    feed: Feed,
    {
      shuffle = true,
      seed = 0,
      position,
      quality,
      warn = warnOnStderr,
      waitAtEnd = true,
      present = (item) => item,
    }: SourceOptions = {},
  ) {
    this.catalogue = catalogue;
    this.guard = new QualityGuard(quality, warn);
    this.present = present;
    this.#warn = warn;
    this.#feed = feed;
    this.#waits = waitAtEnd;
    this.#isShuffled = shuffle;
    this.#seed = position?.seed ?? seed;
    this.#epoch = position?.epoch ?? 0;
    this.#seen = new SeenRecords(position?.seen);
  }

  get position(): Position {
    const seen = this.#seen.toSet();
    return { epoch: this.#epoch, seed: this.#seed, seen };
  }

  /**
   * Where this program was in an epoch, which others of its job may still be in: this one, or the one before.
   *
   * @returns null: it has not come to that epoch, or it is too long ago
   */
  positionIn(epoch: number): Position | null {
    const { position } = this;
    if (position.epoch === epoch) return position;
    return this.#before?.epoch === epoch ? this.#before : null;
  }

  /** This rank's of a whole epoch; null: that is not known before it has ended. */
  get records(): number | null {
    const { onBadRecord = "fail" } = this.guard.options;
    return onBadRecord === "fail" ? (this.#feed.records ?? null) : null;
  }

  /** What this rank was fed in the epoch that is under way, or ended last; null: none has begun. */
  get account(): EpochAccount | null {
    return this.#pass?.account ?? null;
  }

  /** What the guard has found in all epochs. */
  get quality(): QualityReport {
    return this.#told
      ? joinReports([this.guard.report, this.#told])
      : this.guard.report;
  }

  /** What a guard on another thread has found in all epochs. */
  tellQuality(report: QualityReport): void {
    this.#told = report;
  }

  warn(text: string): void {
    this.#warn(text);
  }

  /**
   * Begins an epoch; one that was left before its end is over.
   *
   * @param waits see `EpochPlan`
   * @param by who wants to have it: what another one prepared is left
   */
  begin({ waits, by }: Manner & { readonly by?: object }): SourcePass {
    if (this.#isUnderWay) {
      this.#pass!.leave("early");
      this.#next();
    }
    const isFit =
      this.#ahead?.by === by &&
      this.#ahead?.pass.plan.waits === (waits && this.#waits);
    if (!isFit) this.leaveAhead();
    this.#isUnderWay = true;
    this.guard.beginEpoch();
    const before = this.account;
    const pass =
      this.#ahead?.pass ??
      this.#newPass({ epoch: this.#epoch, waits, seen: this.#seen, before });
    this.#ahead = null;
    this.#seen = pass.seen;
    this.#pass = pass;
    return pass;
  }

  /**
   * The epoch behind the one that is under way, for `by` to be at work on before the program begins it. All ranks do so, or none:
   * they count their epochs alike.
   */
  prepare({ waits, by }: Manner & { readonly by: object }): SourcePass {
    const [epoch, seen] = [this.#epoch + 1, new SeenRecords()];
    const pass = this.#newPass({ epoch, waits, seen, before: null });
    // For the feed, they begin in their order.
    this.#pass!.open();
    pass.open();
    this.#ahead = { pass, by };
    return pass;
  }

  /** Nobody begins what was prepared. */
  leaveAhead(): void {
    const ahead = this.#ahead;
    this.#ahead = null;
    ahead?.pass.leave("unbegun");
  }

  #newPass({ epoch, waits, seen, before }: Manner & NewPass): SourcePass {
    const plan: EpochPlan = {
      ...{ epoch, seed: this.#seed, isShuffled: this.#isShuffled },
      ...{ seen: seen.toSet(), waits: waits && this.#waits },
    };
    const pass: SourcePass = new SourcePass(this.catalogue, this.#feed, {
      ...{ plan, seen, before },
      isOver: () => this.#pass !== pass && this.#ahead?.pass !== pass,
      end: () => this.#next(),
    });
    return pass;
  }

  #next(): void {
    this.#before = this.position;
    this.#epoch++;
    this.#seen = new SeenRecords();
    this.#isUnderWay = false;
  }
}

type Manner = Pick<EpochPlan, "waits">;

interface NewPass {
  readonly epoch: number;
  readonly seen: SeenRecords;
  readonly before: EpochAccount | null;
}

function warnOnStderr(text: string): void {
  createLog({
    where: `rank ${readEnvironment(process.env).rank}`,
    level: readLogLevel(process.env),
    write: (line) => void writeSync(2, line),
  }).warn(text);
}
