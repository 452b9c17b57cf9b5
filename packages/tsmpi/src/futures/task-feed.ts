import type { RankFuture } from "./rank-future";

/** Values that come one after the other, at once or later. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

export const isSource = (value: unknown): value is Source<unknown> =>
  typeof value === "string" ||
  (typeof value === "object" &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value));

const isSync = (source: Source<unknown>): source is Iterable<unknown> =>
  Symbol.iterator in Object(source);

type AnyIterator<T> = Iterator<T, unknown> | AsyncIterator<T, unknown>;

/** Lists of arguments, `size` of them together: of each source its next value, until one of them ends. */
export const chunksOf = (
  lists: Source<readonly unknown[]>,
  size: number,
): AnyIterator<(readonly unknown[])[]> =>
  isSync(lists)
    ? chunked(lists as Iterable<readonly unknown[]>, size)
    : chunkedLater(lists, size);

export const zip = (
  sources: readonly Source<unknown>[],
): Source<readonly unknown[]> =>
  sources.every(isSync) ? zipped(sources) : zippedLater(sources);

function* zipped(sources: readonly Iterable<unknown>[]): Generator<unknown[]> {
  const iterators = sources.map((source) => source[Symbol.iterator]());
  try {
    for (;;) {
      const list: unknown[] = [];
      for (const iterator of iterators) {
        const next = iterator.next();
        if (next.done) return;
        list.push(next.value);
      }
      yield list;
    }
  } finally {
    for (const iterator of iterators) iterator.return?.();
  }
}

async function* zippedLater(
  sources: readonly Source<unknown>[],
): AsyncGenerator<unknown[]> {
  const iterators = sources.map((source) =>
    isSync(source) ? source[Symbol.iterator]() : source[Symbol.asyncIterator](),
  );
  try {
    for (;;) {
      const list: unknown[] = [];
      for (const iterator of iterators) {
        const next = await iterator.next();
        if (next.done) return;
        list.push(next.value);
      }
      yield list;
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}

/** What has come before an error is not lost with it. */
function* chunked<T>(source: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  let failure: { readonly error: unknown } | null = null;
  try {
    for (const value of source) {
      chunk.push(value);
      if (chunk.length < size) continue;
      yield chunk;
      chunk = [];
    }
  } catch (error) {
    failure = { error };
  }
  if (chunk.length > 0) yield chunk;
  if (failure) throw failure.error;
}

async function* chunkedLater<T>(
  source: Source<T>,
  size: number,
): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  let failure: { readonly error: unknown } | null = null;
  try {
    for await (const value of source) {
      chunk.push(value);
      if (chunk.length < size) continue;
      yield chunk;
      chunk = [];
    }
  } catch (error) {
    failure = { error };
  }
  if (chunk.length > 0) yield chunk;
  if (failure) throw failure.error;
}

/** Why a source gives nothing more. */
type End = "ended" | { readonly error: unknown };

/** Submits tasks for what a source gives, as long as fewer than `room` of them have not been taken by whoever reads the results. */
export class TaskFeed<Chunk, T> {
  readonly #source: AnyIterator<Chunk>;
  readonly #submit: (chunk: Chunk) => RankFuture<readonly T[]>;
  readonly #room: number;
  /** Submitted and not taken, in order. */
  readonly #tasks = new Set<RankFuture<readonly T[]>>();
  /** Those of them that are done, in the order in which they ended. */
  readonly #done = new Set<RankFuture<readonly T[]>>();
  #isPulling = false;
  #isClosed = false;
  #end: End | null = null;
  #whenChanged: (() => void)[] = [];

  constructor({
    source,
    submit,
    room,
  }: {
    readonly source: AnyIterator<Chunk>;
    readonly submit: (chunk: Chunk) => RankFuture<readonly T[]>;
    readonly room: number;
  }) {
    this.#source = source;
    this.#submit = submit;
    this.#room = room;
    this.#fill();
  }

  /**
   * Takes the values of the next task, whose place is free from then on; null at the end.
   *
   * @throws what the task has thrown
   * @throws what the source throws, behind all that came before
   */
  async take({
    ordered,
  }: {
    readonly ordered: boolean;
  }): Promise<readonly T[] | null> {
    for (;;) {
      const [next] = ordered ? this.#tasks : this.#done;
      if (next) {
        if (ordered) await next.then(ignore, ignore);
        this.#tasks.delete(next);
        this.#done.delete(next);
        this.#fill();
        return next;
      }
      if (this.#end !== null && this.#tasks.size === 0) {
        if (this.#end === "ended") return null;
        throw this.#end.error;
      }
      await new Promise<void>((resolve) => this.#whenChanged.push(resolve));
    }
  }

  /** What has not begun is cancelled; nothing more is asked of the source. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#end ??= "ended";
    for (const task of this.#tasks) task.cancel();
    this.#tasks.clear();
    this.#done.clear();
    // An asynchronous one may be waiting for its next value: it ends behind that.
    const returned = this.#source.return?.();
    if (returned instanceof Promise) returned.catch(ignore);
    this.#changed();
  }

  #fill(): void {
    while (
      !this.#isPulling &&
      this.#end === null &&
      this.#tasks.size < this.#room
    )
      try {
        const pulled = this.#source.next();
        if (pulled instanceof Promise) this.#await(pulled);
        else this.#add(pulled);
      } catch (error) {
        this.#finish({ error });
      }
  }

  #await(pulled: Promise<IteratorResult<Chunk, unknown>>): void {
    this.#isPulling = true;
    pulled
      .then(
        (result) => this.#add(result),
        (error: unknown) => this.#finish({ error }),
      )
      .catch((error: unknown) => this.#finish({ error }))
      .finally(() => {
        this.#isPulling = false;
        this.#fill();
      })
      .catch(ignore);
  }

  #add(result: IteratorResult<Chunk, unknown>): void {
    if (this.#isClosed) return;
    if (result.done) return this.#finish("ended");
    const task = this.#submit(result.value);
    this.#tasks.add(task);
    const done = (): void => {
      if (!this.#tasks.has(task)) return;
      this.#done.add(task);
      this.#changed();
    };
    task.then(done, done);
    this.#changed();
  }

  #finish(end: End): void {
    this.#end ??= end;
    this.#changed();
  }

  #changed(): void {
    const listeners = this.#whenChanged;
    this.#whenChanged = [];
    for (const listener of listeners) listener();
  }
}

const ignore = (): void => {};
