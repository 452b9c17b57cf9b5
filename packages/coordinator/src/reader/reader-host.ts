import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { DataError, errorToWire } from "@tsmpi/protocol";
import type { ReaderMessage, ToReader } from "./reader-contract";

/** The thread that reads files for all ranks, as the coordinator's thread sees it. It starts with the first message to it. */
export class ReaderHost {
  readonly #onMessage: (message: ReaderMessage) => void;
  readonly #onEnd: (why: string) => void;
  #thread: Worker | null = null;
  /** Ranks that have not heard the end of a stream. */
  readonly #open = new Map<string, Set<number>>();

  constructor(
    onMessage: (message: ReaderMessage) => void,
    onEnd: (why: string) => void,
  ) {
    this.#onMessage = onMessage;
    this.#onEnd = onEnd;
  }

  send(message: ToReader): void {
    if (message.type === "read")
      this.#open.set(message.stream, new Set(message.dests));
    this.#thread ??= this.#start();
    this.#thread.postMessage(message);
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    thread?.removeAllListeners();
    await thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(join(__dirname, "reader-thread.js"), {
      execArgv: [],
    });
    thread.on("message", (said: ReaderMessage) => this.#hear(said));
    thread.on("error", (error) => this.#fail(error.message));
    thread.on("exit", (code) => this.#fail(`exit code ${code}`));
    return thread;
  }

  #hear(said: ReaderMessage): void {
    const { message } = said;
    if (message.type === "stream-end") {
      const left = this.#open.get(message.stream);
      left?.delete(message.dest);
      if (left?.size === 0) this.#open.delete(message.stream);
    }
    this.#onMessage(said);
  }

  /** Nobody waits for a thread that is gone. Another one starts with the next message, and knows of no dataset. */
  #fail(why: string): void {
    if (this.#thread === null) return;
    this.#thread = null;
    this.#onEnd(why);
    const error = errorToWire(
      new DataError(
        `the thread of rank 0 that reads files for all ranks ended: ${why}`,
      ),
    );
    for (const [stream, dests] of this.#open)
      for (const dest of dests)
        this.#onMessage({
          ...{ message: { type: "stream-end", stream, dest, error } },
          payload: null,
        });
    this.#open.clear();
  }
}
