import { type MessagePort, workerData } from "node:worker_threads";
import { Account } from "../accounting/epoch-account";
import type { Part } from "../epoch/read-part";
import type { EpochPlan, FileRecords } from "../feed";
import { type Block, type Ids, listOfIds } from "../pipeline/block";
import { type Pass, placeIn } from "../pipeline/pass";
import { readParts } from "../pipeline/read-parts";
import { runStages } from "../pipeline/run-stages";
import type { Stage } from "../pipeline/stage";
import { QualityGuard } from "../quality/guard";
import { buffersIn } from "../records/buffers-in";
import type {
  BackgroundSetUp,
  FromBackground,
  ToBackground,
} from "./background-messages";
import { buffersOf, pack } from "./pack";
import { stageOf } from "./stage-data";
import { errorToThread } from "./thread-error";

const { port, setUp } = workerData as {
  readonly port: MessagePort;
  readonly setUp: BackgroundSetUp;
};
const { catalogue, quality, count } = setUp;

const stages = Promise.all(setUp.stages.map(stageOf));
// Each pass hears of it.
stages.catch(() => {});

/** What comes out of these was made for it, and nothing here refers to it. */
const isBatched = setUp.stages.at(-1)?.kind === "batch";

/** Parts that are here or on their way while one is in work: of files, by name; of records. */
const AHEAD = { split: 1, records: 4 };

/** An epoch, as this thread sees it. */
class ThreadPass implements Pass {
  readonly plan: EpochPlan;
  readonly #number: number;
  readonly #account: Account;
  readonly #parts: (FileRecords | Part)[] = [];
  readonly #guard: QualityGuard;
  #dropped: number[] = [];
  /** Times that this thread has asked for parts, and not got them. */
  #wanted = 0;
  #isFed = false;
  #isLast = false;
  #isStopped = false;
  /** Items that were sent, and not taken. */
  #kept = 0;

  constructor(number: number, plan: EpochPlan, guard: QualityGuard) {
    this.#number = number;
    this.plan = plan;
    this.#guard = guard;
    this.#account = new Account(plan.epoch);
  }

  dropped(ids: Ids): void {
    this.#dropped.push(...listOfIds(ids));
  }

  placeOf(ids: Ids): string {
    return placeIn(catalogue, ids);
  }

  take(message: ToBackground): void {
    switch (message.kind) {
      case "begin":
        break;
      case "parts":
        this.#wanted--;
        this.#parts.push(...message.parts);
        break;
      case "last":
        this.#isLast = true;
        break;
      case "taken":
        this.#keep(-message.items);
        break;
      case "stop":
        this.#isStopped = true;
        this.#keep(-this.#kept);
        break;
    }
  }

  #keep(items: number): void {
    this.#kept += items;
    room -= items;
  }

  async run(): Promise<void> {
    let failed: unknown = null;
    try {
      for await (const block of this.#blocks(await stages)) {
        while (room <= 0 && !this.#isStopped) await news();
        if (this.#isStopped) break;
        this.#send(block);
      }
    } catch (error) {
      failed = error;
    }
    this.#post({
      kind: "end",
      failed: failed === null ? null : errorToThread(failed),
      dropped: this.#dropped,
      account: this.#isFed ? this.#account.close() : null,
      quality: this.#guard.report,
    });
  }

  #blocks(all: readonly Stage[]): AsyncIterable<Block<unknown>> {
    const records = readParts(this.#partsInTurn(), {
      ...{ catalogue, account: this.#account, seen: this.plan.seen },
      waits: true,
    });
    return runStages(all, records, {
      ...{ catalogue, guard: this.#guard, pass: this },
    });
  }

  async *#partsInTurn(): AsyncGenerator<FileRecords | Part> {
    this.#isFed = true;
    const wantUpTo = (parts: number): void => {
      while (this.#parts.length + this.#wanted < parts) {
        this.#wanted++;
        this.#post({ kind: "want" });
      }
    };
    for (;;) {
      wantUpTo(1);
      while (this.#parts.length === 0) {
        if (this.#isLast || this.#isStopped) return;
        await news();
      }
      const part = this.#parts.shift()!;
      wantUpTo("split" in part ? AHEAD.split : AHEAD.records);
      yield part;
    }
  }

  #send({ items, ids }: Block<unknown>): void {
    this.#keep(items.length);
    const packed = isBatched ? items : pack(items);
    const dropped = this.#dropped;
    this.#dropped = [];
    this.#post(
      { kind: "block", items: packed, ids, dropped },
      "columns" in packed ? buffersOf(packed) : buffersIn(packed),
    );
  }

  #post(
    message: FromBackground extends infer Message
      ? Message extends unknown
        ? Omit<Message, "pass">
        : never
      : never,
    transfer: ArrayBuffer[] = [],
  ): void {
    port.postMessage({ ...message, pass: this.#number }, transfer);
  }
}

/** Items that may be sent, of all passes. */
let room = count;

let waiting: (() => void)[] = [];
/** Until a message has come. */
const news = (): Promise<void> =>
  new Promise((resolve) => void waiting.push(resolve));

/** Those that have not been stopped. */
const passes = new Map<number, ThreadPass>();
/** The pass that is at work. */
let current = 0;
let turn = Promise.resolve();

const guard = new QualityGuard(quality, (text) =>
  port.postMessage({
    ...{ pass: current, kind: "warning", text },
  } satisfies FromBackground),
);

port.on("message", (message: ToBackground) => {
  const { kind, pass: number } = message;
  if (kind === "begin") {
    const pass = new ThreadPass(number, message.plan, guard);
    passes.set(number, pass);
    // One after the other.
    turn = turn.then(() => {
      current = number;
      guard.beginEpoch();
      return pass.run();
    });
  } else passes.get(number)?.take(message);
  if (kind === "stop") passes.delete(number);
  const woken = waiting;
  waiting = [];
  for (const wake of woken) wake();
});
