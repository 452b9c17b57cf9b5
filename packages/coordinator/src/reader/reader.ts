import {
  type Catalogue,
  countAll,
  countRecords,
  cutShares,
  type DealEpoch,
  dealtTo,
  type EpochPlan,
  type FileRecords,
  localFeed,
  openDealer,
  padShares,
  ReadMemory,
  readPart,
} from "@tsmpi/data";
import { errorToWire } from "@tsmpi/protocol";
import { dealOut } from "./deal-out";
import { Outlet, type Post } from "./outlet";
import type { ReaderOrder, ToReader } from "./reader-contract";

type CatalogueOrder = Extract<ReaderOrder, { readonly type: "catalogue" }>;
type ReadOrder = Extract<ReaderOrder, { readonly type: "read" }>;

/** Reads files for ranks that do not have them, and streams their records, as fast as all of them take theirs. */
export class Reader {
  readonly #post: Post;
  readonly #datasets = new Map<number, Opened>();
  readonly #streams = new Map<string, ReadonlyMap<number, Outlet>>();

  constructor(post: Post) {
    this.#post = post;
  }

  take(message: ToReader): void {
    switch (message.type) {
      case "catalogue":
        return this.#open(message);
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
      case "splits":
      case "split-refused":
      case "accounted":
      case "absent":
        return;
    }
  }

  #open({ dataset, catalogue, indexes }: CatalogueOrder): void {
    const records = recordsOf(catalogue, indexes);
    let count: Promise<number> | null = null;
    this.#datasets.set(dataset, {
      ...{ catalogue, records },
      count: () => (count ??= countAll(catalogue, indexes)),
    });
  }

  async #read(order: ReadOrder): Promise<void> {
    const { stream, dests } = order;
    const post = this.#post;
    const outlets = dests.map((dest) => new Outlet({ stream, dest, post }));
    this.#streams.set(
      stream,
      new Map(dests.map((dest, i) => [dest, outlets[i]!])),
    );
    await dealOut(outlets, {
      deal: this.#deal(order),
      onEnd: (outlet, problem) => {
        const dest = dests[outlets.indexOf(outlet)]!;
        const error = problem === null ? null : errorToWire(problem);
        post({ type: "stream-end", stream, dest, error }, null);
      },
    });
    this.#streams.delete(stream);
  }

  /** With what its remainder says. */
  #deal(order: ReadOrder): DealEpoch {
    const { partition, plan, dests, remainder } = order;
    const size = dests.length;
    const opened = this.#datasets.get(order.dataset)!;
    const deal = () => dealt(opened, order);
    switch (remainder) {
      case "uneven":
        return deal;
      case "pad":
        return padShares(deal, { size });
      case "drop":
        return async function* () {
          const records = (await opened.count()) - countRecords(plan.seen);
          const most = dealtTo(0, { partition, records, size, remainder })!;
          yield* cutShares(deal, { size, most })();
        };
    }
  }
}

type Records = AsyncIterable<FileRecords>;

interface Opened {
  readonly catalogue: Catalogue;
  readonly records: (plan: EpochPlan) => Records;
  /** How many there are of an epoch. */
  readonly count: () => Promise<number>;
}

async function* dealt(
  { catalogue, records }: Opened,
  { plan, partition, dests }: ReadOrder,
): ReturnType<DealEpoch> {
  const dealer = await openDealer(catalogue, partition, dests.length);
  for await (const run of records(plan)) yield dealer.deal(run);
}

/** All records of an epoch that have not been seen. Each run's bytes are those of others as soon as the next one is asked for. */
function recordsOf(
  catalogue: Catalogue,
  indexes: CatalogueOrder["indexes"],
): (plan: EpochPlan) => Records {
  const feed = localFeed(catalogue, indexes);
  return async function* (plan) {
    const memory = new ReadMemory({ waits: true });
    for await (const part of feed.epoch(plan))
      if ("split" in part) yield* readPart(catalogue, part, plan.seen, memory);
      else yield part;
  };
}
