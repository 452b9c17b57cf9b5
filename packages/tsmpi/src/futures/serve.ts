import {
  type AnyFunction,
  findFunction,
  SerializationError,
} from "@tsmpi/protocol";
import type { Intracomm } from "@tsmpi/worker";
import { Breath } from "./breath";
import {
  type MasterMessage,
  POOL_TAG,
  type TaskOutcome,
  type WorkerMessage,
} from "./messages";
import { quickly } from "./quickly";
import { runTask, unsendable } from "./run-task";

/** Answers of short tasks leave together, but none waits longer than about this for another task. */
const HELD_MS = 1;

/**
 * Runs what the master sends, one after the other, until it says that this was all. Does not block the event loop but in the
 * tasks themselves.
 *
 * @param home a function of the program that runs on this rank too, if there is one
 * @throws {ProcessFailedError} the master has ended, or is lost
 */
export async function serve(
  comm: Intracomm,
  master: number,
  home: AnyFunction | null,
): Promise<void> {
  const server = new Server(comm, master, home);
  const breath = new Breath();
  for (;;) {
    const messages = await quickly(() =>
      comm.irecv<MasterMessage[]>(master, POOL_TAG),
    );
    for (const message of messages) {
      if (message.type === "stop") return;
      await server.take(message);
    }
    await server.answer();
    await breath.take();
  }
}

/** A function that tasks call, as a worker keeps it. */
interface FoundFunction {
  readonly fn: AnyFunction | Promise<AnyFunction>;
  /** How long the last task of it took, in milliseconds. */
  tookMs: number;
}

class Server {
  readonly #comm: Intracomm;
  readonly #master: number;
  readonly #home: AnyFunction | null;
  readonly #functions = new Map<number, FoundFunction>();
  #answers: WorkerMessage[] = [];
  #answeredMs = performance.now();

  constructor(comm: Intracomm, master: number, home: AnyFunction | null) {
    this.#comm = comm;
    this.#master = master;
    this.#home = home;
  }

  async take(message: Exclude<MasterMessage, { type: "stop" }>): Promise<void> {
    switch (message.type) {
      case "function": {
        const { number, reference } = message;
        const finding = findFunction(reference, this.#home);
        this.#functions.set(number, { fn: finding, tookMs: Infinity });
        // Whoever calls it hears why not.
        await finding.then(
          (fn) => this.#functions.set(number, { fn, tookMs: Infinity }),
          () => {},
        );
        return;
      }
      case "initialize": {
        const { outcome } = await this.#call(message.function, message.args);
        const thrown = "thrown" in outcome ? outcome.thrown : null;
        this.#answers.push({ type: "ready", pool: message.pool, thrown });
        return;
      }
      case "task": {
        const { task } = message;
        const called = await this.#call(message.function, message.calls);
        this.#answers.push({ type: "done", task, ...called });
        return;
      }
    }
  }

  /** Says what has been done since the last time. */
  async answer(): Promise<void> {
    if (this.#answers.length === 0) return;
    const answers = this.#answers;
    this.#answers = [];
    this.#answeredMs = performance.now();
    try {
      await this.#send(answers);
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error;
      for (const answer of answers) await this.#sendOrSayWhyNot(answer);
    }
  }

  async #call(
    number: number,
    calls: Uint8Array,
  ): Promise<{ outcome: TaskOutcome; tookMs: number }> {
    const found = this.#functions.get(number)!;
    const startMs = performance.now();
    if (found.tookMs + startMs - this.#answeredMs > HELD_MS)
      await this.answer();
    const outcome = await runTask(found.fn, calls, this.#comm.rank);
    const tookMs = performance.now() - startMs;
    found.tookMs = tookMs;
    return { outcome, tookMs };
  }

  async #sendOrSayWhyNot(answer: WorkerMessage): Promise<void> {
    try {
      await this.#send([answer]);
    } catch (error) {
      if (!(error instanceof SerializationError) || answer.type !== "done")
        throw error;
      const outcome = unsendable(error, this.#comm.rank);
      await this.#send([{ ...answer, outcome }]);
    }
  }

  async #send(answers: readonly WorkerMessage[]): Promise<void> {
    await quickly(() => this.#comm.isend(answers, this.#master, POOL_TAG));
  }
}
