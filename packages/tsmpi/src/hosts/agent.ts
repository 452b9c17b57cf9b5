import type { Readable, Writable } from "node:stream";
import type { MessageLink } from "@tsmpi/transport";
import { Answering } from "./answers";
import { Channel } from "./channel";
import { ownFacts } from "./facts";
import type { OutputName, StartOrder } from "./host";
import type { FromAgent, InputName, ToAgent } from "./host-messages";
import { LocalHost, type LocalProcess } from "./local-host";

/** Of each output of a process: so much may be on its way to the launcher, and unread there. */
const WINDOW_BYTES = 1 << 20;

/** A launcher may be stopped for a while, as by a debugger, and cannot say so. */
const PATIENCE_MS = 30_000;

export interface AgentOptions {
  /** In messages: the launcher. */
  readonly peer: string;
  /** Ranks that it should start here at most; null: it decides. */
  readonly slots: number | null;
}

/**
 * Serves one launcher: starts ranks here as it says, and tells it what becomes of them.
 *
 * @returns why it is over: the launcher has closed the channel, or is gone; no rank runs here any more
 */
export async function serveLauncher(
  link: MessageLink,
  { peer, slots }: AgentOptions,
): Promise<string> {
  const host = new LocalHost("pipe");
  const answering = new Answering();
  const processes = new Map<number, ServedProcess>();
  const why = await new Promise<string>((resolve) => {
    const channel = new Channel<FromAgent, ToAgent>({
      ...{ link, peer, patienceMs: PATIENCE_MS, onEnd: resolve },
      onMessage: (message) => {
        switch (message.type) {
          case "start":
            return start(message);
          case "ask":
            return void reply(answering, message).then((given) =>
              channel.send(given),
            );
          case "signal":
          case "input":
          case "read":
            return processes.get(message.rank)?.hear(message);
        }
      },
    });
    const start = ({
      order,
      node,
    }: Extract<ToAgent, { type: "start" }>): void => {
      processes.set(
        order.rank,
        new ServedProcess(host, here(order, node), (message) =>
          channel.send(message),
        ),
      );
    };
    void ownFacts(slots).then((facts) =>
      channel.send({ type: "facts", facts }),
    );
  });
  answering.close();
  await host.close();
  return why;
}

const reply = (
  answering: Answering,
  { number, question }: Extract<ToAgent, { type: "ask" }>,
): Promise<FromAgent> =>
  answering.answer(question).then(
    (given) => ({ type: "answer", number, answer: given }),
    ({ message }: Error) => ({
      ...{ type: "answer", number, answer: null, error: message },
    }),
  );

/** The order in terms of this host. */
function here(order: StartOrder, node: string): StartOrder {
  // The key of the agent is none of the job's.
  const { TSMPI_JOB_KEY: _, TSMPI_JOB_KEY_FILE: __, ...own } = process.env;
  // Behind what binds it to a core, if anything does.
  const at = order.argv.indexOf(node);
  return {
    ...order,
    argv: order.argv.map((word, i) => (i === at ? process.execPath : word)),
    env: { ...own, ...order.env },
  };
}

type ForProcess = Extract<ToAgent, { readonly rank: number }>;

/** A process here, and its ends of the channel. */
class ServedProcess {
  readonly #rank: number;
  readonly #process: LocalProcess;
  /** Of its outputs. */
  readonly #credits: Record<OutputName, Credit>;

  constructor(
    host: LocalHost,
    order: StartOrder,
    private readonly send: (message: FromAgent) => void,
  ) {
    const { rank } = order;
    this.#rank = rank;
    this.#process = host.start(order, {
      started: (pid) => send({ type: "started", rank, pid }),
      notStarted: (why) => send({ type: "not-started", rank, why }),
      ended: (end) =>
        void this.#ended(() => send({ type: "ended", rank, ...end })),
      lost: () => {},
    });
    const { output, status } = this.#process;
    this.#credits = {
      stdout: this.#forward("stdout", output.stdout),
      stderr: this.#forward("stderr", output.stderr),
      status: this.#forward("status", status),
    };
  }

  hear(message: ForProcess): void {
    switch (message.type) {
      case "signal":
        return this.#process.signal(message.signal);
      case "read":
        return this.#credits[message.from].add(message.bytes);
      case "input":
        return this.#feed(message.to, message.bytes);
    }
  }

  #feed(to: InputName, bytes: Uint8Array | null): void {
    const target: Writable | null = this.#process[to];
    if (bytes === null) target?.end();
    else if (target?.writable)
      target.write(bytes, () =>
        this.send({ type: "taken", rank: this.#rank, to }),
      );
  }

  #forward(from: OutputName, source: Readable): Credit {
    const credit = new Credit(source);
    const send = (bytes: Uint8Array | null): void =>
      this.send({ type: "output", rank: this.#rank, from, bytes });
    source.on("error", () => {});
    source.on("close", () => send(null));
    source.on("data", (bytes: Buffer) => {
      credit.spend(bytes.byteLength);
      send(bytes);
    });
    return credit;
  }

  /** What the process has written comes before its end. */
  async #ended(tell: () => void): Promise<void> {
    const { output, status } = this.#process;
    const all = [output.stdout, output.stderr, status];
    // What is left of it is no more than its pipes hold, and comes before its end, whether the launcher reads or not.
    for (const credit of Object.values(this.#credits)) credit.add(Infinity);
    await Promise.race([
      Promise.all(all.map(closed)),
      new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS)),
    ]);
    tell();
  }
}

/** How long the last words of a rank may take; what it left behind may hold its pipes open. */
const LAST_WORDS_MS = 100;

const closed = (stream: Readable): Promise<void> =>
  stream.closed
    ? Promise.resolve()
    : new Promise((resolve) => stream.once("close", resolve));

/** How much more may be sent of what a stream gives; it pauses where that is nothing. */
class Credit {
  #bytes = WINDOW_BYTES;

  constructor(private readonly source: Readable) {}

  spend(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes <= 0) this.source.pause();
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > 0) this.source.resume();
  }
}
