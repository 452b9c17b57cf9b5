/** A call under way, of which something is due if it takes long. */
export interface Awaited {
  /** When, on the clock of `performance.now()`. */
  readonly dueMs: number;
  /** It is due; what comes next is due later. */
  onDue(): void;
}

/** Looks after calls under way, with one timer for all: one of its own would cost a short call more than its messages. */
export class Lookout {
  readonly #calls = new Set<Awaited>();
  #timer: NodeJS.Timeout | null = null;
  #timerMs = Infinity;

  add(call: Awaited): void {
    this.#calls.add(call);
    if (call.dueMs < this.#timerMs) this.#arm(call.dueMs);
    // It may still be there from calls that have ended; now it keeps the process alive.
    else if (this.#calls.size === 1) this.#timer?.ref();
  }

  delete(call: Awaited): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) this.#timer?.unref();
  }

  #arm(dueMs: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerMs = dueMs;
    this.#timer = setTimeout(
      () => this.#look(),
      Math.max(0, Math.ceil(dueMs - performance.now())),
    );
  }

  #look(): void {
    this.#timer = null;
    this.#timerMs = Infinity;
    const nowMs = performance.now();
    for (const call of [...this.#calls]) if (call.dueMs <= nowMs) call.onDue();
    let nextMs = Infinity;
    for (const { dueMs } of this.#calls) nextMs = Math.min(nextMs, dueMs);
    if (nextMs < Infinity) this.#arm(nextMs);
  }
}
