import { join } from "node:path";
import type { Part } from "../epoch/read-part";
import type { FileRecords } from "../feed";
import type { Block } from "../pipeline/block";
import { anotherPass, type Source, type SourcePass } from "../pipeline/source";
import type { Stage } from "../pipeline/stage";
import type {
  BackgroundSetUp,
  FromBackground,
  ToBackground,
} from "./background-messages";
import { unpack } from "./pack";
import { stageData } from "./stage-data";
import { raisedHere } from "./thread-error";
import { ThreadLink } from "./thread-link";

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
  #link: Link | null;
  #passes = 0;
  /** Of the pass that is under way. */
  #parts: PartsOf | null = null;

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

  #open(): Link {
    return new ThreadLink(
      join(__dirname, "background-thread.js"),
      this.#setUp,
      {
        who: "prefetch in the background",
        callsProgram: this.#setUp.stages.some((stage) => "fn" in stage),
        // The program may be long at work on what it has.
        atOnce: ({ kind, pass }) => kind === "want" && this.#send(pass),
      },
    );
  }

  #send(pass: number): true {
    if (this.#parts?.pass === pass) this.#parts.send();
    return true;
  }

  /** @throws {DataError} what went wrong there, or that the thread ended */
  async *blocks(pass: SourcePass): AsyncGenerator<Block<unknown>> {
    if (this.#link?.isOver) this.#link = null;
    const link = (this.#link ??= this.#open());
    const number = ++this.#passes;
    pass.isCounted = false;
    const parts = (this.#parts = new PartsOf(pass, number, link));
    link.post({ pass: number, kind: "begin", plan: pass.plan });
    // A pass that was left, and still waits, is to see that.
    link.wake();
    let isEnded = false;
    let taken = 0;
    try {
      for (;;) {
        if (pass.isOver) throw anotherPass();
        if (parts.failure) throw parts.failure;
        const message = link.poll();
        if (message === null) {
          await link.arrival();
          continue;
        }
        if (message.pass !== number) {
          if (message.kind === "end") this.#source.tellQuality(message.quality);
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
            isEnded = true;
            pass.dropped(message.dropped);
            this.#source.tellQuality(message.quality);
            pass.isCounted = true;
            if (message.account) pass.tellAccount(message.account);
            if (message.failed) throw raisedHere(message.failed);
            return;
        }
      }
    } finally {
      if (!isEnded) link.post({ pass: number, kind: "stop" });
      await parts.close();
    }
  }

  async close(): Promise<void> {
    await this.#link?.close();
    this.#link = null;
  }
}

type Link = ThreadLink<ToBackground, FromBackground>;

/** Sends what the feed brings, as it is asked for. */
class PartsOf {
  /** The feed's. */
  failure: Error | null = null;
  #turn: Promise<void> = Promise.resolve();
  readonly #parts: AsyncGenerator<FileRecords | Part>;
  readonly pass: number;
  readonly #link: Link;

  constructor(source: SourcePass, pass: number, link: Link) {
    this.#parts = source.parts();
    this.pass = pass;
    this.#link = link;
  }

  /** One after the other: the bytes of records may be gone when the next are asked for. */
  send(): void {
    this.#turn = this.#turn.then(() => this.#sendNext());
  }

  async #sendNext(): Promise<void> {
    const { pass } = this;
    try {
      const next = await this.#parts.next();
      if (next.done) this.#link.post({ pass, kind: "last" });
      else this.#link.post({ pass, kind: "part", part: alone(next.value) });
    } catch (error) {
      this.failure = error as Error;
      this.#link.wake();
    }
  }

  async close(): Promise<void> {
    await this.#parts.return(undefined);
  }
}

/** Bytes that are a part of a larger buffer would travel with all of it, and memory that threads share is soon that of other records. */
function alone(part: FileRecords | Part): FileRecords | Part {
  if ("split" in part) return part;
  const { bytes, starts, ends, checksums } = part.records;
  const records = {
    ...part.records,
    bytes: isAlone(bytes) ? bytes : new Uint8Array(bytes),
    starts: isAlone(starts) ? starts : new Uint32Array(starts),
    ends: isAlone(ends) ? ends : new Uint32Array(ends),
    ...(checksums && { checksums: new Uint32Array(checksums) }),
  };
  return { ...part, records };
}

const isAlone = ({ buffer, byteLength }: Uint8Array | Uint32Array): boolean =>
  buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
