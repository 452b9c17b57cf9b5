import {
  blockPartition,
  type EpochFeed,
  type EpochPlan,
  type Feed,
  fileOf,
  type FileRecords,
  readPart,
  type Part,
  recordOf,
  type RecordPlace,
  runOf,
  runsOfRecords,
  type Split,
  SPLIT_RECORDS,
  splitsOf,
  uniteRecords,
  unseenOf,
} from "@tsmpi/data";
import type { DeliveredOfSplit } from "@tsmpi/protocol";
import { askSplits, tellDelivered, tellLeft } from "@tsmpi/worker";
import type { Mode, SharedDataset } from "../mode";

/** So many splits for a rank of even speed: all ranks end within the time of one of them. */
const SPLITS_PER_RANK = 32;
/** Where places at which reading can begin lie far apart, whoever has a later part reads what lies in front of it, too. */
const MOST_OF_A_PLACE = 8;

/**
 * Ranks ask the coordinator for small parts of the files as they finish those before: one that is three times slower gets a third
 * of the work. What a lost rank was not through with goes to others: the batch, too, that its program had in its hands, and what it
 * may have had in the milliseconds before its last batch.
 */
export const dynamic: Mode = {
  name: "dynamic",
  summary: "ranks take small parts of the files as they finish those before",
  isReadByAll: true,
  takesOver: true,
  partitions: [],
  otherwise:
    'since it is decided by how fast the ranks are; mode "scatter" takes all partitions',
  feed(dataset) {
    let passes = 0;
    return {
      epoch: (plan) => new DynamicEpoch(dataset, plan, passes++),
    } satisfies Feed;
  },
};

/** Records of one file, from the `from`-th to the `to`-th (exclusive; null: to its end), which are read from `place` on. */
interface Work {
  readonly file: number;
  readonly place: RecordPlace;
  readonly from: number;
  readonly to: number | null;
}

/** What this rank has taken, and its program has not had all of. */
interface Taken {
  readonly number: number;
  readonly work: Work;
  /** Records of it that have not been delivered, as far as is known; and whether that is all of them. */
  left: number;
  isCounted: boolean;
  /** Of the delivered ones, those that the coordinator has not been told of. */
  untold: number[];
}

/** How long small deliveries wait for others, to be told together: each time takes several threads a part of a core. */
const TELL_MS = 5;

class DynamicEpoch implements EpochFeed {
  readonly #dataset: SharedDataset;
  readonly #plan: EpochPlan;
  readonly #pass: number;
  readonly #taken = new Set<Taken>();
  /** What the program has had last, and may still be at work on. */
  #inHand: readonly number[] = [];
  #lastToldMs = -Infinity;
  #ready = 0;

  constructor(dataset: SharedDataset, plan: EpochPlan, pass: number) {
    this.#dataset = dataset;
    this.#plan = plan;
    this.#pass = pass;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Part | FileRecords> {
    const { catalogue, indexes, number, size } = this.#dataset;
    const { epoch, seed, isShuffled, waits } = this.#plan;
    const all = workOf(indexes, size, (records) =>
      splitsOf(catalogue, indexes, this.#plan, records),
    );
    const question = {
      ...{ dataset: number, pass: this.#pass, splits: all.length },
      about: `epoch ${epoch} of ${catalogue.files.length} files with ${all.length} parts, ${isShuffled ? `shuffled by seed ${seed}` : "in order"}`,
      waits,
    };
    for (;;) {
      this.#tell();
      const given = await askSplits(question);
      if (given.length === 0) return;
      const splits = given.map(({ split, had }) =>
        this.#take(split, all[split]!, had),
      );
      const known = splits.flatMap(({ taken, part }) =>
        taken.isCounted && taken.left > 0 ? [part] : [],
      );
      this.#ready = known.length;
      for (const part of known) {
        this.#ready--;
        yield part;
      }
      for (const { taken, part } of splits)
        if (!taken.isCounted) yield* this.#read(taken, part);
    }
  }

  get ready(): number {
    return this.#ready;
  }

  /** Of a split, what the programs of lost ranks have not had. */
  #take(number: number, work: Work, had: readonly number[]) {
    const { file, place, from, to } = work;
    const split = { file, place, records: to && to - place.record };
    const others = uniteRecords(
      ...[{ [file]: had }, runOf(file, place.record, from)],
    );
    const isCounted = to !== null;
    const seen = uniteRecords(this.#plan.seen, others);
    const left = isCounted ? unseenOf(split, seen) : 0;
    const taken: Taken = { number, work, left, isCounted, untold: [] };
    this.#taken.add(taken);
    return { taken, part: { split, seen: others } };
  }

  /** How many they are is known when they have been read. */
  async *#read(taken: Taken, part: Part): AsyncGenerator<FileRecords> {
    const { catalogue } = this.#dataset;
    for await (const run of readPart(catalogue, part, this.#plan.seen)) {
      taken.left += run.records.starts.length;
      yield run;
    }
    taken.isCounted = true;
  }

  /** The program is at work on these, and through with those before. */
  delivered(ids: readonly number[]): void {
    this.#count(this.#inHand);
    this.#inHand = ids;
    if (performance.now() - this.#lastToldMs >= TELL_MS) this.#tell();
  }

  /** Not a word on what the program has in hand. */
  dropped(ids: readonly number[]): void {
    this.#count(ids);
  }

  ended(): void {
    this.#count(this.#inHand);
    this.#inHand = [];
    this.#tell();
  }

  /** The others get what this rank has taken, and its program has not had. */
  left(): void {
    this.ended();
    const { number: dataset } = this.#dataset;
    void tellLeft({ dataset, pass: this.#pass });
  }

  #count(ids: readonly number[]): void {
    for (const id of ids) {
      const taken = this.#splitOf(id);
      if (taken === null) continue;
      taken.untold.push(recordOf(id));
      taken.left--;
    }
  }

  #splitOf(id: number): Taken | null {
    const [file, record] = [fileOf(id), recordOf(id)];
    for (const taken of this.#taken) {
      const { file: own, from, to } = taken.work;
      if (own === file && record >= from && (to === null || record < to))
        return taken;
    }
    return null;
  }

  #tell(): void {
    this.#lastToldMs = performance.now();
    const delivered: DeliveredOfSplit[] = [];
    for (const taken of this.#taken) {
      const isAll = taken.isCounted && taken.left === 0;
      if (taken.untold.length === 0 && !isAll) continue;
      const runs = runsOfRecords(taken.untold);
      taken.untold = [];
      if (isAll) this.#taken.delete(taken);
      delivered.push({ split: taken.number, runs, isAll });
    }
    if (delivered.length === 0) return;
    const { number: dataset } = this.#dataset;
    void tellDelivered({ dataset, pass: this.#pass, delivered });
  }
}

/**
 * What is handed out, in the order of an epoch: small enough that ranks end together, large enough that asking costs nothing.
 *
 * @param splits of about so many records each
 */
function workOf(
  indexes: SharedDataset["indexes"],
  size: number,
  splits: (records: number) => readonly Split[],
): Work[] {
  const all = indexes.reduce((sum, index) => sum + (index?.records ?? 0), 0);
  const even = Math.ceil(all / (size * SPLITS_PER_RANK));
  const wanted = Math.max(1, Math.min(SPLIT_RECORDS, even));
  return splits(wanted).flatMap(({ file, place, records }): Work[] => {
    if (records === null)
      return [{ file, place, from: place.record, to: null }];
    const pieces = Math.ceil(records / wanted);
    return blockPartition(records, Math.min(pieces, MOST_OF_A_PLACE)).map(
      ({ start, end }) => ({
        ...{ file, place, from: place.record + start },
        to: place.record + end,
      }),
    );
  });
}
