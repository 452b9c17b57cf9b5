import type { Outcome } from "@tsmpi/collective";

/** Something under way, as a request sees it, whichever thread works on it. */
export interface Pending {
  readonly outcome: Outcome | null;
  /** Takes in what has arrived, without waiting. */
  poll(): void;
  /** Blocks this thread until `isDone`, which may look at other things of this rank too, or until `limitMs` is over. */
  block(isDone: () => boolean, limitMs?: number): void;
  /** A moment for the other threads, when a poll has found nothing. */
  rest(): void;
  /** Calls back with the outcome, from the event loop; the process stays alive until then, unless it need not. */
  listen(
    listener: (outcome: Outcome) => void,
    options?: { readonly keepsAlive: boolean },
  ): void;
}

/** Over from the start. */
export const complete = <Result>(result: Result): Pending =>
  new Ended({ ok: true, result });

/** Over from the start, and not well. */
export const failed = (error: Error): Pending =>
  new Ended({ ok: false, error });

class Ended implements Pending {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    this.outcome = outcome;
  }
  poll(): void {}
  rest(): void {}
  block(): void {}
  listen(listener: (outcome: Outcome) => void): void {
    listener(this.outcome);
  }
}

/** Over when both are, with the outcome of the second; an error of either is its own. */
export function joined(first: Pending, second: Pending): Pending {
  const outcome = (): Outcome | null =>
    first.outcome && second.outcome
      ? first.outcome.ok
        ? second.outcome
        : first.outcome
      : null;
  return {
    get outcome() {
      return outcome();
    },
    poll() {
      first.poll();
      second.poll();
    },
    rest: () => second.rest(),
    block: (isDone, limitMs) => second.block(isDone, limitMs),
    listen: (listener, options) =>
      first.listen(
        () => second.listen(() => listener(outcome()!), options),
        options,
      ),
  };
}
