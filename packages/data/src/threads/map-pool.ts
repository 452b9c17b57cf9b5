import { join } from "node:path";
import type { FunctionReference } from "@tsmpi/protocol";
import type { Block, Ids } from "../pipeline/block";
import { failed } from "../pipeline/map";
import type { Pass } from "../pipeline/pass";
import type { MapAnswer, MapWork } from "./map-thread";
import { buffersOf, pack, unpack } from "./pack";
import { errorOfThread } from "./thread-error";
import { ThreadLink } from "./thread-link";

/** Blocks that a thread has at a time: one in work, and the next. */
const AHEAD = 2;

/** Threads that call one function for the items of a pipeline. They start with the first item, and stay until `close`. */
export class MapPool {
  readonly #reference: FunctionReference;
  readonly #threads: number;
  readonly #links = new Map<number, ThreadLink<MapWork, MapAnswer>>();
  #number = 0;
  readonly #answers = new Map<number, MapAnswer>();
  /** Work whose answers nobody waits for any more. */
  readonly #left = new Set<number>();

  constructor(reference: FunctionReference, threads: number) {
    this.#reference = reference;
    this.#threads = threads;
  }

  /**
   * What `map` gives, made in threads. Order is kept.
   *
   * @throws {DataError} what the function threw, with the record; a thread that ended
   */
  async *map(
    blocks: AsyncIterable<Block<unknown>>,
    pass: Pass,
  ): AsyncGenerator<Block<unknown>> {
    for (const [at, { isOver }] of this.#links)
      if (isOver) this.#links.delete(at);
    const inWork: { readonly number: number; readonly ids: readonly Ids[] }[] =
      [];
    try {
      for await (const { items, ids } of blocks) {
        const number = this.#number++;
        const packed = pack(items);
        this.#linkOf(number).post({ number, items: packed }, buffersOf(packed));
        inWork.push({ number, ids });
        if (inWork.length === AHEAD * this.#threads)
          yield await this.#answer(inWork.shift()!, pass);
      }
      while (inWork.length > 0) yield await this.#answer(inWork.shift()!, pass);
    } finally {
      for (const { number } of inWork) this.#left.add(number);
    }
  }

  async close(): Promise<void> {
    const links = [...this.#links.values()];
    this.#links.clear();
    await Promise.all(links.map((link) => link.close()));
  }

  async #answer(
    work: { readonly number: number; readonly ids: readonly Ids[] },
    pass: Pass,
  ): Promise<Block<unknown>> {
    const { result } = await this.#answerTo(work.number);
    if ("items" in result)
      return { items: unpack(result.items), ids: work.ids };
    const error = errorOfThread(result.failed);
    throw result.item === null
      ? error
      : failed("map", error, pass.placeOf(work.ids[result.item]!));
  }

  /** Two passes may wait for one thread, if one of them should have ended: each gets its own. */
  async #answerTo(number: number): Promise<MapAnswer> {
    const link = this.#linkOf(number);
    for (;;) {
      const own = this.#answers.get(number);
      if (own !== undefined) {
        this.#answers.delete(number);
        return own;
      }
      const answer = link.poll();
      if (answer === null) await link.arrival();
      else if (!this.#left.delete(answer.number)) {
        this.#answers.set(answer.number, answer);
        link.wake();
      }
    }
  }

  #linkOf(number: number): ThreadLink<MapWork, MapAnswer> {
    const at = number % this.#threads;
    let link = this.#links.get(at);
    if (link === undefined) {
      link = new ThreadLink<MapWork, MapAnswer>(
        join(__dirname, "map-thread.js"),
        this.#reference,
        { who: "map in threads", callsProgram: true },
      );
      this.#links.set(at, link);
    }
    return link;
  }
}
