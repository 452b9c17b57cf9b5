import { ArgumentError } from "@tsmpi/protocol";
import {
  Account,
  accountOf,
  type EpochAccount,
} from "../accounting/epoch-account";
import type { Catalogue } from "../catalogue/catalogue";
import type { Part } from "../epoch/read-part";
import type { EpochFeed, EpochPlan, Feed, FileRecords, Leaving } from "../feed";
import { subtractRecords } from "../records/record-set";
import type { SeenRecords } from "../records/seen-records";
import { type Ids, listOfIds } from "./block";
import { type Pass, placeIn } from "./pass";

interface PassOptions {
  readonly plan: EpochPlan;
  readonly seen: SeenRecords;
  /** Of the epoch before; null: there was none. */
  readonly before: EpochAccount | null;
  readonly isOver: () => boolean;
  readonly end: () => void;
}

/** One epoch of a source. */
export class SourcePass implements Pass {
  readonly plan: EpochPlan;
  /** What the program has had of its epoch. */
  readonly seen: SeenRecords;
  readonly #end: () => void;
  /** Counts what this thread reads. */
  readonly counting: Account;
  /** False: another thread reads for it, and has not said what. */
  isCounted = true;
  /** Ends whatever makes what comes out of this pass. */
  closePipeline: (() => PromiseLike<unknown>) | null = null;
  readonly #isOver: () => boolean;
  readonly #catalogue: Catalogue;
  readonly #feed: Feed;
  /** null: nobody has asked for records, or asks for any more. */
  #records: EpochFeed | null = null;
  #isLeft = false;
  /** The feed has said that there are no more of them. */
  #isExhausted = false;
  #told: EpochAccount | null;

  constructor(
    catalogue: Catalogue,
    feed: Feed,
    { plan, seen, before, isOver, end }: PassOptions,
  ) {
    this.#catalogue = catalogue;
    this.#feed = feed;
    this.plan = plan;
    this.seen = seen;
    this.#isOver = isOver;
    this.#end = end;
    this.counting = new Account(plan.epoch);
    this.#told = before && { ...before, epoch: plan.epoch };
  }

  /** The next epoch has begun. */
  get isOver(): boolean {
    return this.#isOver();
  }

  /** So far. An epoch that comes out of a cache is made of the records of the one before it. */
  get account(): EpochAccount {
    return this.#told ?? this.counting.close();
  }

  /** What another thread has counted. */
  tellAccount(account: EpochAccount): void {
    this.#told = account;
  }

  /** For the feed, the epoch begins here, or when the first of its parts is asked for. */
  open(): EpochFeed {
    return (this.#records ??= this.#feed.epoch(this.plan));
  }

  /** Parts that come next without anybody being asked. */
  get partsReady(): number {
    return this.#records?.ready ?? 0;
  }

  async *parts(): AsyncGenerator<FileRecords | Part> {
    if (this.#isLeft) return;
    this.#told = null;
    yield* this.open();
    this.#isExhausted = true;
  }

  /**
   * All its records have been delivered, or left out; or the pipeline wants no more of them, and leaves the others.
   *
   * @throws where the feed cannot let it end so; it is under way still
   */
  async end(): Promise<void> {
    const isWhole = this.#isExhausted && this.isCounted && this.#isDelivered();
    if (isWhole) await this.#records?.complete?.();
    this.#end();
    if (!isWhole) return this.#leaveRecords("enough");
    this.#records?.ended?.(this.account);
    this.#records = null;
  }

  /** Nobody asks for more of it: closes its pipeline, without waiting for that. Does nothing behind its end. */
  leave(why: Leaving): void {
    this.#leaveRecords(why);
    const close = this.closePipeline;
    this.closePipeline = null;
    // What goes wrong in a pipeline that nobody takes from is nobody's concern.
    close?.().then(undefined, () => {});
  }

  /** What was read ahead may be left where it is. */
  #isDelivered(): boolean {
    const { fed } = this.account;
    const left = fed && subtractRecords(fed, this.seen.toSet());
    return left === null || Object.keys(left).length === 0;
  }

  #leaveRecords(why: Leaving): void {
    const { epoch, seen } = this.plan;
    this.#isLeft = true;
    this.#records?.left?.(
      accountOf(epoch, subtractRecords(this.seen.toSet(), seen)),
      why,
    );
    this.#records = null;
  }

  /** The program has these. */
  delivered(ids: Ids): void {
    const list = listOfIds(ids);
    for (const id of list) this.seen.add(id);
    this.#records?.delivered(list);
  }

  /** The pipeline leaves these out. */
  dropped(ids: Ids): void {
    const list = listOfIds(ids);
    for (const id of list) this.seen.add(id);
    this.#records?.dropped?.(list);
  }

  placeOf(ids: Ids): string {
    return placeIn(this.#catalogue, ids);
  }
}

export const anotherPass = (): ArgumentError =>
  new ArgumentError(
    "another pass over this dataset, or one that is made of the same records, has begun while this one was under way; a pass is an epoch, and there is one at a time: open the dataset twice",
  );
