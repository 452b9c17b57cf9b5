import {
  ArgumentError,
  BOOLEAN,
  checkArgument,
  checkOptions,
  FUNCTION,
  whole,
} from "@tsmpi/protocol";
import type { EpochAccount } from "../accounting/epoch-account";
import type { EpochPlan } from "../feed";
import type { QualityReport } from "../quality/defects";
import { LentMemory } from "../records/column-memory";
import type { DataRecord } from "../records/record";
import { Background } from "../threads/background";
import { MapPool } from "../threads/map-pool";
import { threadFunction } from "../threads/thread-function";
import type { Batch } from "../records/collate";
import type { Block } from "./block";
import { readParts } from "./read-parts";
import { afterStages, runStages } from "./run-stages";
import { FIELDS, type Selected, type Selection } from "./select";
import { sizeBehind } from "./size";
import type { Position, Source } from "./source";
import { anotherPass, type SourcePass } from "./source-pass";
import type { Stage } from "./stage";

/** How an epoch goes. */
interface Manner extends Pick<EpochPlan, "waits"> {
  /** Whether the program has an item only until it asks for the next one, where the pipeline lends them. */
  readonly lends: boolean;
  /** Whether a thread is to be at work on the next one, too. */
  readonly isFollowed: () => boolean;
}

const NEVER = (): boolean => false;

interface PipelineOptions {
  readonly stages?: readonly Stage[];
  readonly epochs?: number;
  readonly background?: Background | null;
}

/**
 * Records on their way into a program: `for await (const item of dataset)` is an epoch. Each method returns a new dataset, of the
 * same records; a pass over any of them is the next epoch of all. Epochs do not blend: each has its own shuffling, and its own last
 * batch.
 *
 *     const batches = dataset.map(parse).shuffle(10_000).batch(64).prefetch(2);
 *     for await (const { image, label } of batches) …
 *
 * Order is random only by (seed, epoch). An item's records count as seen when the program takes it, not before.
 */
export class Dataset<T = DataRecord> implements AsyncIterable<T> {
  /**
   * Items of a whole pass, for this rank: what `fitDataset` shows as the total of its progress. Where that is seen only when it is
   * over it is null, TensorFlow.js' word for it, whatever its type says: behind `filter`, where bad records are left out, where files
   * do not tell quickly how many records they have, and where other ranks' speeds or records' values decide.
   */
  readonly size: number;
  readonly #source: Source;
  readonly #stages: readonly Stage[];
  readonly #epochs: number;
  /** What runs on a thread of its own, before the stages. */
  readonly #background: Background | null;

  /** @internal `openDataset` makes datasets */
  constructor(
    source: Source,
    { stages = [], epochs = 1, background = null }: PipelineOptions = {},
  ) {
    this.#source = source;
    this.#stages = stages;
    this.#epochs = epochs;
    this.#background = background;
    const all = [...(background?.stages ?? []), ...stages];
    const ofEpoch = all.reduce<number | null>(
      (items, stage) => (items === null ? null : sizeBehind(stage, items)),
      source.records,
    );
    this.size =
      ofEpoch === null ? (null as unknown as number) : ofEpoch * epochs;
  }

  /**
   * Each item becomes what `fn` returns, or what its promise resolves to; order is kept.
   *
   * @param threads more than 0: so many threads call `fn`, which a module other than the program must export. Items are copied to
   * them and back. They end with the process, or by `close`.
   * @throws {ArgumentError} threads cannot find `fn`
   */
  map<U>(
    fn: (item: T) => U | PromiseLike<U>,
    options: { readonly threads?: number } = {},
  ): Dataset<U> {
    checkArgument("map", "fn", fn, FUNCTION);
    checkOptions("map", options, { threads: whole(0) });
    const { threads = 0 } = options;
    if (threads === 0) return this.#with({ kind: "map", fn });
    const reference = threadFunction("map in threads", fn);
    const pool = new MapPool(reference, threads);
    return this.#with({ kind: "mapInThreads", fn: reference, threads, pool });
  }

  /**
   * Of each item some fields, under names of their own: for `fitDataset`, say, `{ xs: "image", ys: "label" }`, or
   * `{ xs: { left: "a", right: "b" }, ys: "label" }` for a model of several inputs. What a function could do, without one: it runs
   * in the background as it is.
   *
   * @throws {DataError} in the pass, for an item that does not have a field
   */
  select<const Fields extends { readonly [name: string]: Selection<T> }>(
    fields: Fields,
  ): Dataset<Selected<T, Fields>> {
    checkArgument("select", "fields", fields, FIELDS);
    return this.#with({ kind: "select", fields });
  }

  /** Only items for which `fn` returns something true. */
  filter(fn: (item: T) => unknown): Dataset<T> {
    checkArgument("filter", "fn", fn, FUNCTION);
    return this.#with({ kind: "filter", fn });
  }

  /**
   * Puts every `batchSize` items together: of numbers and arrays of numbers one typed array with its shape, field by field; of
   * anything else a list.
   *
   * @param dropRemainder whether the last items of an epoch are left out where they are fewer; default false
   * @param lend whether a batch is the program's until it asks for the next one, and no longer: the memory of its arrays of
   * 64 KiB and more is used again then, and they are empty. Without new memory for each batch, which makes the garbage collector
   * run, images of TFRecords are read a tenth to a half faster. Default false. Of no effect for `fitDataset`, where `cache` keeps
   * batches, in the background, and where examples are not decoded straight into their batch.
   * @throws {DataError} in the pass, for items that are not alike
   */
  batch(
    batchSize: number,
    options: {
      readonly dropRemainder?: boolean;
      readonly lend?: boolean;
    } = {},
  ): Dataset<Batch<T>> {
    checkArgument("batch", "batchSize", batchSize, whole(1));
    checkOptions("batch", options, { dropRemainder: BOOLEAN, lend: BOOLEAN });
    const { dropRemainder = false, lend = false } = options;
    const memory = lend ? new LentMemory() : null;
    return this.#with({ kind: "batch", batchSize, dropRemainder, memory });
  }

  /**
   * Items in a random order: of `bufferSize` that wait, one goes on for each that arrives. They wait decoded, in memory. A buffer
   * as large as the dataset makes every order as likely as any other.
   */
  shuffle(bufferSize: number): Dataset<T> {
    checkArgument("shuffle", "bufferSize", bufferSize, whole(1));
    return this.#with({ kind: "shuffle", bufferSize });
  }

  /** So many epochs in one pass; without a number, without an end. */
  repeat(epochs = Infinity): Dataset<T> {
    if (epochs !== Infinity)
      checkArgument("repeat", "epochs", epochs, whole(1));
    const all = this.#epochs * epochs;
    return this.#copy({ epochs: all });
  }

  /** The first `count` items of each epoch. The others count as not seen. */
  take(count: number): Dataset<T> {
    checkArgument("take", "count", count, whole(0));
    return this.#with({ kind: "take", count });
  }

  /** All but the first `count` items of each epoch. */
  skip(count: number): Dataset<T> {
    checkArgument("skip", "count", count, whole(0));
    return this.#with({ kind: "skip", count });
  }

  /**
   * Keeps up to `count` items ready while the program waits for something else.
   *
   * @param background true: a thread makes them, and reads the files where the ranks read them, so that they are made while the
   * program computes, too. Functions that were given to `map` and `filter` must be exported by modules other than the program. The
   * thread ends with the process, or by `close`.
   * @throws {ArgumentError} a thread cannot find a function
   */
  prefetch(
    count: number,
    options: { readonly background?: boolean } = {},
  ): Dataset<T> {
    checkArgument("prefetch", "count", count, whole(1));
    checkOptions("prefetch", options, { background: BOOLEAN });
    const { background = false } = options;
    if (!background) return this.#with({ kind: "prefetch", count });
    if (this.#background !== null)
      throw new ArgumentError(
        "prefetch: what comes before it runs in the background already; one such stage is enough",
      );
    const thread = new Background(this.#source, this.#stages, count);
    return this.#copy({ stages: [], background: thread });
  }

  /** Keeps the items of the first whole epoch in memory: what comes before this runs once. */
  cache(): Dataset<T> {
    return this.#with({ kind: "cache", memory: { blocks: null } });
  }

  /** How far the program is: `openDataset(…, { position })` goes on with exactly the records that it has not had. */
  position(): Position {
    return this.#source.position;
  }

  /** What this rank was fed in the epoch that is under way, or ended last; null: none has begun. `joinAccounts` puts those of all ranks together. */
  account(): EpochAccount | null {
    return this.#source.account;
  }

  /** What is wrong with records of this rank, in all epochs so far. */
  quality(): QualityReport {
    return this.#source.quality;
  }

  /** @internal */
  get source(): Source {
    return this.#source;
  }

  [Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
    return this.#run({ waits: true, lends: true, isFollowed: NEVER });
  }

  /**
   * An epoch as `fitDataset` takes it: of objects whose `xs` and `ys` are tensors. Nothing happens before the first of them is asked
   * for. For other programs there is `for await`.
   *
   * @param isFollowed is asked when this one begins: whether another one follows, on all ranks, unless this one is closed. True only
   * where `readsAhead` says on all of them that a thread can be at work on it
   * @throws {ArgumentError} in the pass: what comes out of the dataset are no batches of columns
   */
  iterator({ isFollowed = NEVER } = {}): Promise<AsyncIterator<unknown>> {
    let pass: SourcePass | null = null;
    // Tensors may refer to what they were made of.
    const manner = { waits: false, lends: false, isFollowed };
    const items = this.#run(manner, (begun) => (pass = begun));
    const source = this.#source;
    return Promise.resolve({
      async next() {
        const next = await items.next();
        return next.done
          ? next
          : { done: false, value: source.present(next.value) };
      },
      return() {
        pass?.leave("enough");
        source.leaveAhead();
        return Promise.resolve({ done: true, value: undefined });
      },
    });
  }

  async *#run(
    { waits, lends, isFollowed }: Manner,
    onPass: (pass: SourcePass) => void = () => {},
  ): AsyncGenerator<T, undefined> {
    const by = this.#background ?? undefined;
    const readsAhead = isFollowed();
    const lent = lends ? this.#lent() : [];
    for (let i = 0; i < this.#epochs; i++) {
      const pass = this.#source.begin({ waits, by });
      const blocks = this.#blocks(pass);
      pass.closePipeline = () =>
        Promise.resolve(blocks[Symbol.asyncIterator]().return?.());
      if (by && readsAhead) {
        by.begin(pass);
        const next = this.#source.prepare({ waits, by });
        next.closePipeline = by.begin(next);
      }
      onPass(pass);
      try {
        for await (const { items, ids } of blocks)
          for (let item = 0; item < items.length; item++) {
            if (pass.isOver) throw anotherPass();
            pass.delivered(ids[item]!);
            let isTaken = false;
            try {
              yield items[item] as T;
              isTaken = true;
            } finally {
              // Before the stages are closed: they may wait for what other ranks have to say.
              if (!isTaken) pass.leave("early");
            }
            for (const memory of lent) memory.takeBack(items[item]);
          }
        if (pass.isOver) throw anotherPass();
        await pass.end();
      } finally {
        pass.leave("early");
      }
    }
  }

  /** @internal Whether a thread can be at work on the next epoch while one is under way. What comes out of a cache needs no records. */
  get readsAhead(): boolean {
    const background = this.#background;
    if (background === null) return false;
    const stages = [...background.stages, ...this.#stages];
    return stages.every(({ kind }) => kind !== "cache");
  }

  /** Ends its threads, where it has any, and gives their memory back. A pass begins them again. */
  async close(): Promise<void> {
    for (const stage of this.#stages)
      if (stage.kind === "mapInThreads") await stage.pool.close();
    await this.#background?.close();
  }

  #blocks(pass: SourcePass): AsyncIterable<Block<unknown>> {
    if (this.#background !== null)
      return afterStages(this.#stages, this.#background.blocks(pass), pass);
    const { catalogue, guard } = this.#source;
    const records = readParts(pass.parts(), {
      ...{ catalogue, account: pass.counting, seen: pass.plan.seen },
    });
    return runStages(this.#stages, records, { catalogue, guard, pass });
  }

  /** Memory that its items come in, and go back to. */
  #lent(): LentMemory[] {
    if (this.#stages.some(({ kind }) => kind === "cache")) return [];
    return this.#stages.flatMap((stage) =>
      stage.kind === "batch" ? (stage.memory ?? []) : [],
    );
  }

  #with<U>(stage: Stage): Dataset<U> {
    return this.#copy({ stages: [...this.#stages, stage] });
  }

  #copy<U>(changes: PipelineOptions): Dataset<U> {
    return new Dataset<U>(this.#source, {
      ...{ stages: this.#stages, epochs: this.#epochs },
      ...{ background: this.#background, ...changes },
    });
  }
}
