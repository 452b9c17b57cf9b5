import {
  type Catalogue,
  EqualDeal,
  type EpochPlan,
  type FileRecords,
  localFeed,
  readSplit,
} from "@tsmpi/data";
import { errorToWire } from "@tsmpi/protocol";
import { Outlet, type Post } from "./outlet";
import type { ReaderOrder, ToReader } from "./reader-contract";

type ReadOrder = Extract<ReaderOrder, { readonly type: "read" }>;

/** Reads files for ranks that do not have them, and streams their records, as fast as all of them take theirs. */
export class Reader {
  readonly #post: Post;
  readonly #datasets = new Map<number, (plan: EpochPlan) => Records>();
  readonly #streams = new Map<string, ReadonlyMap<number, Outlet>>();

  constructor(post: Post) {
    this.#post = post;
  }

  take(message: ToReader): void {
    switch (message.type) {
      case "catalogue":
        return this.#open(message.dataset, message.catalogue);
      case "read":
        return void this.#read(message);
      case "stream-credit":
        return this.#streams
          .get(message.stream)
          ?.get(message.dest)
          ?.credit(message.pieces);
      case "stream-stopped":
        return this.#streams.get(message.stream)?.get(message.dest)?.stop();
      case "welcome":
      case "refused":
      case "heartbeat":
      case "left":
      case "released":
      case "lost":
      case "agreed":
      case "stream-piece":
      case "stream-end":
      case "split":
      case "split-refused":
      case "accounted":
        return;
    }
  }

  #open(dataset: number, catalogue: Catalogue): void {
    this.#datasets.set(dataset, recordsOf(catalogue));
  }

  async #read(order: ReadOrder): Promise<void> {
    const { stream, dests, deal } = order;
    const keepsLast = deal.remainder === "drop";
    const post = this.#post;
    const outlets = dests.map(
      (dest) => new Outlet({ stream, dest, keepsLast, post }),
    );
    this.#streams.set(
      stream,
      new Map(dests.map((dest, i) => [dest, outlets[i]!])),
    );
    const error = await this.#deal(order, outlets).then(
      () => null,
      (problem: unknown) => errorToWire(problem),
    );
    for (const dest of dests)
      this.#post({ type: "stream-end", stream, dest, error }, null);
    this.#streams.delete(stream);
  }

  async #deal(
    { dataset, plan, deal: { remainder } }: ReadOrder,
    outlets: readonly Outlet[],
  ): Promise<void> {
    const deal = new EqualDeal(outlets.length);
    for await (const run of this.#datasets.get(dataset)!(plan)) {
      if (outlets.every(({ isStopped }) => isStopped)) return;
      for (const { to, ...dealt } of deal.deal(run))
        await outlets[to]!.put(dealt);
    }
    const anyLast = outlets.find(({ last }) => last !== null)?.last;
    for (const [i, outlet] of outlets.entries()) {
      const isShort = deal.isUneven && deal.extraOf(i) === 0;
      const padding = outlet.last ?? anyLast;
      if (remainder === "pad" && isShort && padding) await outlet.put(padding);
      const dropsLast = remainder === "drop" && deal.extraOf(i) === 1;
      await outlet.end({ dropsLast });
    }
  }
}

type Records = AsyncIterable<FileRecords>;

/** All records of an epoch that have not been seen. */
function recordsOf(catalogue: Catalogue): (plan: EpochPlan) => Records {
  const feed = localFeed(catalogue);
  return async function* (plan) {
    for await (const part of feed.epoch(plan))
      if ("place" in part) yield* readSplit(catalogue, part, plan.seen);
      else yield part;
  };
}
