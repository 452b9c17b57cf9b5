import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { DataError, errorToWire } from "@tsmpi/protocol";
import type { ReaderMessage, ToReader } from "./reader-contract";

/** Under way to a rank: enough to hide the round trip, little enough to hold in memory. */
const WINDOW_PIECES = 4;

/**
 * The thread that reads files for all ranks, as the coordinator's thread sees it. It starts with the first message to it. When it
 * ends all of its streams end with that error, and the next message starts another one.
 */
export class ReaderHost {
  readonly #onMessage: (message: ReaderMessage) => void;
  readonly #onEnd: (why: string) => void;
  #thread: Worker | null = null;
  /** What each thread must know. */
  readonly #catalogues: ToReader[] = [];
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
    this.#thread ??= this.#start();
    this.#thread.postMessage(message);
    if (message.type === "catalogue") this.#catalogues.push(message);
    if (message.type === "read") this.#begin(message);
  }

  /** Here, so that it can end whatever becomes of the thread. */
  #begin({ stream, dests }: Extract<ToReader, { type: "read" }>): void {
    this.#open.set(stream, new Set(dests));
    this.#say({ type: "stream-open", stream, dests, window: WINDOW_PIECES });
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
    thread.on("error", (error) => this.#fail(thread, error.message));
    thread.on("exit", (code) => this.#fail(thread, `exit code ${code}`));
    for (const catalogue of this.#catalogues) thread.postMessage(catalogue);
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

  /** Nobody waits for a thread that is gone. */
  #fail(thread: Worker, why: string): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    this.#onEnd(why);
    const error = errorToWire(
      new DataError(
        `the thread of rank 0 that reads files for all ranks ended: ${why}`,
      ),
    );
    for (const [stream, dests] of this.#open)
      for (const dest of dests)
        this.#say({ type: "stream-end", stream, dest, error });
    this.#open.clear();
  }

  #say(message: ReaderMessage["message"]): void {
    this.#onMessage({ message, payload: null });
  }
}
