import { EngineError } from "@tsmpi/protocol";

type Turn = () => void;

/** Slept between two looks, at most. */
const LONGEST_SLEEP_MS = 1;

/**
 * Dawn learns what the GPU has finished only in turns that it orders from Node's event loop, each with one `setImmediate`. A
 * program that must not return to its event loop before a result is there takes these turns itself. All of them do the same, so
 * it can take one that it has seen as often as it likes.
 */
export class EventTurns {
  #turn: Turn | null = null;
  #isOrdered = false;
  readonly #clock = new Int32Array(new SharedArrayBuffer(4));

  /** Runs `body`, which calls Dawn. If Dawn orders a turn meanwhile, the event loop takes one afterwards. */
  collect<T>(body: () => T): T {
    const { setImmediate } = globalThis;
    let isWanted = false;
    globalThis.setImmediate = ((turn: Turn) => {
      this.#turn = turn;
      isWanted = true;
    }) as typeof setImmediate;
    try {
      return body();
    } finally {
      globalThis.setImmediate = setImmediate;
      if (isWanted) this.#order();
    }
  }

  /**
   * Takes turns until `isDone`. Blocks.
   *
   * @throws {EngineError} it is not done within `timeoutMs`, or Dawn has never ordered a turn that could be taken
   */
  until(isDone: () => boolean, timeoutMs: number): void {
    const turn = this.#turn;
    if (turn === null)
      throw new EngineError(
        "this version of Dawn cannot be read without an await; npm install webgpu@0.6.2",
      );
    const startMs = performance.now();
    while (!isDone()) {
      this.collect(turn);
      const elapsedMs = performance.now() - startMs;
      if (elapsedMs > timeoutMs)
        throw new EngineError(
          `the GPU has not answered for ${timeoutMs} ms; TSMPI_TIMEOUT_MS is the time that it has`,
        );
      // A tenth of what it took so far: a short wait ends at once, a long one leaves the core to others.
      const sleepMs = Math.min(LONGEST_SLEEP_MS, elapsedMs / 10);
      if (!isDone()) Atomics.wait(this.#clock, 0, 0, sleepMs);
    }
  }

  /** One at a time: a loop that reads and never returns to the event loop would pile them up. */
  #order(): void {
    if (this.#isOrdered) return;
    this.#isOrdered = true;
    setImmediate(() => {
      this.#isOrdered = false;
      this.#turn!();
    });
  }
}
