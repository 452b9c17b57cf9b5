import { readFileSync } from "node:fs";
import { Readable, Writable } from "node:stream";
import type { MessageLink } from "@tsmpi/transport";
import { Channel } from "./channel";
import type {
  Host,
  OutputName,
  ProcessListener,
  RankProcess,
  StartOrder,
} from "./host";
import type {
  AgentFacts,
  Answers,
  FromAgent,
  InputName,
  Question,
  ToAgent,
} from "./host-messages";

/** A host that does not answer for this long is lost. */
const PATIENCE_MS = 10_000;

/** A host at the other end of a channel, where an agent does what is said here. */
export class RemoteHost implements Host {
  readonly #channel: Channel<ToAgent, FromAgent>;
  readonly #processes = new Map<number, RemoteProcess>();
  readonly #questions = new Map<number, Asked>();
  readonly #ended: Promise<string>;
  #nextQuestion = 0;
  #facts: (facts: AgentFacts) => void = () => {};

  /** Who answers; rejects never: see `ended`. */
  readonly facts = new Promise<AgentFacts>(
    (resolve) => (this.#facts = resolve),
  );

  /** @param name of the host, for people */
  constructor(
    link: MessageLink,
    readonly name: string,
  ) {
    let ended: (why: string) => void;
    this.#ended = new Promise((resolve) => (ended = resolve));
    this.#channel = new Channel({
      ...{ link, peer: name, patienceMs: PATIENCE_MS },
      onMessage: (message) => this.#hear(message),
      onEnd: (why) => {
        for (const process of this.#processes.values()) process.lost(why);
        for (const { reject } of this.#questions.values())
          reject(new Error(why));
        ended(why);
      },
    });
  }

  /** Why the channel has ended, once it has. */
  get ended(): Promise<string> {
    return this.#ended;
  }

  start(order: StartOrder, on: ProcessListener): RankProcess {
    const remote = new RemoteProcess(order, on, (message) =>
      this.#channel.send(message),
    );
    this.#processes.set(order.rank, remote);
    const why = this.#channel.ended;
    if (why !== null) process.nextTick(() => remote.lost(why));
    this.#channel.send({ type: "start", order, node: process.execPath });
    if (order.readsStdin) remote.feedStdin();
    return remote;
  }

  /** @throws {Error} the host is lost, or cannot do what it is asked */
  ask<Type extends Question["type"]>(
    question: Extract<Question, { type: Type }>,
  ): Promise<Answers[Type]> {
    const number = this.#nextQuestion++;
    const why = this.#channel.ended;
    if (why !== null) return Promise.reject(new Error(why));
    return new Promise((resolve, reject) => {
      this.#questions.set(number, {
        resolve: resolve as (answer: unknown) => void,
        reject,
      });
      this.#channel.send({ type: "ask", number, question });
    });
  }

  suspend(): void {
    this.#channel.suspend();
  }

  async close(): Promise<void> {
    await this.#channel.close();
    await this.#ended;
  }

  #hear(message: FromAgent): void {
    switch (message.type) {
      case "facts":
        return this.#facts(message.facts);
      case "answer": {
        const asked = this.#questions.get(message.number);
        this.#questions.delete(message.number);
        if (message.error !== undefined)
          asked?.reject(new Error(message.error));
        else asked?.resolve(message.answer);
        return;
      }
      case "started":
      case "not-started":
      case "output":
      case "taken":
      case "ended":
        return this.#processes.get(message.rank)?.hear(message);
    }
  }
}

interface Asked {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

type OfProcess = Extract<FromAgent, { readonly rank: number }>;

/** A process of a rank over there. */
class RemoteProcess implements RankProcess {
  readonly output;
  readonly status: Readable;
  readonly news: Writable | null;
  readonly #stdin: Input;
  readonly #streams: Readonly<Record<OutputName, Output>>;
  readonly #inputs: Readonly<Record<InputName, Input | null>>;
  #isOver = false;

  constructor(
    private readonly order: StartOrder,
    private readonly on: ProcessListener,
    private readonly send: (message: ToAgent) => void,
  ) {
    const { rank, hearsNews } = order;
    const open = (from: OutputName): Output =>
      new Output((bytes) => send({ type: "read", rank, from, bytes }));
    const feed = (to: InputName): Input =>
      new Input((bytes) => send({ type: "input", rank, to, bytes }));
    this.#streams = {
      stdout: open("stdout"),
      stderr: open("stderr"),
      status: open("status"),
    };
    this.output = this.#streams;
    this.status = this.#streams.status;
    this.#stdin = feed("stdin");
    const news = hearsNews ? feed("news") : null;
    this.news = news;
    this.#inputs = { stdin: this.#stdin, news };
  }

  /** Hands on what this process reads; nothing in the background of a terminal, which stops whoever reads there. */
  feedStdin(): void {
    if (isInBackground()) this.#stdin.end();
    else process.stdin.pipe(this.#stdin);
  }

  signal(signal: NodeJS.Signals): void {
    this.send({ type: "signal", rank: this.order.rank, signal });
  }

  hear(message: OfProcess): void {
    switch (message.type) {
      case "started":
        return this.on.started(message.pid);
      case "not-started":
        this.#end();
        return this.on.notStarted(message.why);
      case "output":
        return this.#streams[message.from].hear(message.bytes);
      case "taken":
        return this.#inputs[message.to]?.taken();
      case "ended":
        this.#endInput();
        this.#isOver = true;
        return this.on.ended(message);
    }
  }

  lost(why: string): void {
    const isNews = !this.#isOver;
    this.#end();
    if (isNews) this.on.lost(why);
  }

  #end(): void {
    this.#isOver = true;
    this.#endInput();
    for (const output of Object.values(this.#streams)) output.hear(null);
  }

  #endInput(): void {
    process.stdin.unpipe(this.#stdin);
    // Nobody waits for a process that reads no more to have read.
    for (const input of Object.values(this.#inputs)) input?.destroy();
  }
}

/** What a process over there writes; whoever does not read it makes that process wait. */
class Output extends Readable {
  #unread = 0;
  #isOver = false;

  constructor(onRead: (bytes: number) => void) {
    super({
      read: () => {
        if (this.#unread > 0) onRead(this.#unread);
        this.#unread = 0;
      },
    });
  }

  hear(bytes: Uint8Array | null): void {
    if (this.#isOver || this.destroyed) return;
    this.#isOver = bytes === null;
    this.#unread += bytes?.byteLength ?? 0;
    this.push(bytes);
  }
}

/** What a process over there reads: a piece at a time. */
class Input extends Writable {
  #taken: () => void = () => {};

  constructor(send: (bytes: Uint8Array | null) => void) {
    super({
      write: (bytes: Buffer, _, done) => {
        this.#taken = done;
        send(bytes);
      },
      final: (done) => {
        send(null);
        done();
      },
    });
    this.on("error", () => {});
  }

  taken(): void {
    const done = this.#taken;
    this.#taken = () => {};
    done();
  }
}

/** Whether another process group than ours has the terminal that stdin is. */
function isInBackground(): boolean {
  if (!process.stdin.isTTY) return false;
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const [, , group, , , foreground] = stat
      .slice(stat.lastIndexOf(")") + 1)
      .split(" ");
    return group !== foreground;
  } catch {
    return false;
  }
}
