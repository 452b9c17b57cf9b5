import { join } from "node:path";
import type { Block } from "../pipeline/block";
import type { Source } from "../pipeline/source";
import { anotherPass, type SourcePass } from "../pipeline/source-pass";
import type { Stage } from "../pipeline/stage";
import type {
  BackgroundLink,
  BackgroundSetUp,
  FromBackground,
} from "./background-messages";
import { PartsOf } from "./parts-of";
import { unpack } from "./pack";
import { stageData } from "./stage-data";
import { raisedHere } from "./thread-error";
import { ThreadLink } from "./thread-link";

interface Running {
  readonly pass: SourcePass;
  /** As the thread counts them. */
  readonly number: number;
  readonly parts: PartsOf;
  readonly link: BackgroundLink;
  /** While what was made for another one was taken. */
  readonly arrived: FromBackground[];
}

/**
 * The beginning of a pipeline, on a thread of its own: it reads, decodes, and runs all stages so far. From this thread it gets the
 * feed's parts: names of parts of files, or records where the feed brings them.
 */
export class Background {
  readonly stages: readonly Stage[];
  readonly #source: Source;
  readonly #setUp: BackgroundSetUp;
  /** Items that are taken before the thread is told of them: each message wakes it, on a core that the program may need. */
  readonly #told: number;
  #link: BackgroundLink | null;
  #passes = 0;
  /** Passes that the thread works on, or will, and of which somebody may take what it makes. */
  readonly #running = new Map<number, Running>();

  /** @throws {ArgumentError} a function of the stages cannot be found from there */
  constructor(source: Source, stages: readonly Stage[], count: number) {
    this.stages = stages;
    this.#source = source;
    this.#told = Math.ceil(count / 2);
    this.#setUp = {
      ...{ catalogue: source.catalogue, quality: source.guard.options, count },
      stages: stages.map((stage) =>
        stageData("prefetch in the background", stage),
      ),
    };
    // It takes a while to begin, while programs have other things to do before they want something.
    this.#link = this.#open();
  }

  #open(): BackgroundLink {
    return new ThreadLink(
      join(__dirname, "background-thread.js"),
      this.#setUp,
      {
        who: "prefetch in the background",
        callsProgram: this.#setUp.stages.some((stage) => "fn" in stage),
        // The program may be long at work on what it has.
        atOnce: ({ kind, pass }) => {
          if (kind !== "want") return false;
          this.#running.get(pass)?.parts.send();
          return true;
        },
      },
    );
  }

  /**
   * The thread is at work on a pass when it is through with those before.
   *
   * @returns ends that
   */
  begin(pass: SourcePass): () => Promise<void> {
    const running = this.#find(pass) ?? this.#begin(pass);
    return () => this.#end(running);
  }

  /** Of a pass that begins here, or has begun. @throws {DataError} what went wrong there, or that the thread ended */
  async *blocks(pass: SourcePass): AsyncGenerator<Block<unknown>> {
    yield* this.#blocks(this.#find(pass) ?? this.#begin(pass));
  }

  #begin(pass: SourcePass): Running {
    if (this.#link?.isOver) this.#link = null;
    const link = (this.#link ??= this.#open());
    const number = ++this.#passes;
    const parts = new PartsOf(pass, number, link);
    const running: Running = { pass, number, parts, link, arrived: [] };
    this.#running.set(number, running);
    pass.isCounted = false;
    link.post({ pass: number, kind: "begin", plan: pass.plan });
    // A pass that was left, and still waits, is to see that.
    link.wake();
    return running;
  }

  #find(pass: SourcePass): Running | undefined {
    return [...this.#running.values()].find((running) => running.pass === pass);
  }

  async *#blocks(running: Running): AsyncGenerator<Block<unknown>> {
    const { pass, number, parts, link } = running;
    let taken = 0;
    try {
      for (;;) {
        if (pass.isOver) throw anotherPass();
        if (parts.failure) throw parts.failure;
        const message = running.arrived.shift() ?? link.poll();
        if (message === null) {
          await link.arrival();
          continue;
        }
        if (message.pass !== number) {
          this.#keep(message);
          continue;
        }
        switch (message.kind) {
          case "want":
            break;
          case "warning":
            this.#source.warn(message.text);
            break;
          case "block": {
            const { items: sent, ids, dropped } = message;
            pass.dropped(dropped);
            const items = "columns" in sent ? unpack(sent) : sent;
            taken += items.length;
            if (taken >= this.#told) {
              link.post({ pass: number, kind: "taken", items: taken });
              taken = 0;
            }
            yield { items, ids };
            break;
          }
          case "end":
            pass.dropped(message.dropped);
            this.#source.tellQuality(message.quality);
            pass.isCounted = true;
            if (message.account) pass.tellAccount(message.account);
            if (message.failed) throw raisedHere(message.failed);
            return;
        }
      }
    } finally {
      await this.#end(running);
    }
  }

  /** For the pass that it is of. */
  #keep(message: FromBackground): void {
    const running = this.#running.get(message.pass);
    if (running !== undefined) running.arrived.push(message);
    else if (message.kind === "end") this.#source.tellQuality(message.quality);
  }

  async #end({ number, parts, link }: Running): Promise<void> {
    if (this.#running.delete(number)) link.post({ pass: number, kind: "stop" });
    await parts.close();
  }

  async close(): Promise<void> {
    await this.#link?.close();
    this.#link = null;
  }
}
