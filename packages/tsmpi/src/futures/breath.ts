import { setImmediate as nextTurn } from "node:timers/promises";

/** How long a loop may go on without the event loop's timers and sockets. */
const HELD_MS = 10;

/** Lets the event loop turn, now and then: a loop that awaits what is there already would never leave the others a turn. */
export class Breath {
  #sinceMs = performance.now();

  async take(): Promise<void> {
    if (performance.now() - this.#sinceMs < HELD_MS) return;
    await nextTurn();
    this.#sinceMs = performance.now();
  }
}
