import type { CollectiveCall } from "./collective-call";
import type { ContextMailbox } from "./mailbox";

/** What a call does that is made over the network after all. */
type Proceed = (channel: CollectiveCall) => Promise<void>;

interface Watched {
  /** Null: it has ended in shared memory. */
  readonly end: (proceed: Proceed | null) => void;
  readonly running: Promise<void>;
}

/** Calls of a communicator that are made in shared memory, and have been waited for so long that they are watched. */
export class WatchedCalls {
  readonly #mailbox: ContextMailbox;
  readonly #calls = new Map<number, Watched>();

  constructor(mailbox: ContextMailbox) {
    this.#mailbox = mailbox;
  }

  /**
   * Resolves when `end` is called, or the call has been made over the network.
   *
   * @param run makes the call there, as `body` says
   */
  begin(number: number, run: (body: Proceed) => Promise<void>): Promise<void> {
    let end!: Watched["end"];
    const until = new Promise<Proceed | null>((resolve) => (end = resolve));
    const running = run(async (channel) => {
      const proceed = await channel.watch(until);
      await proceed?.(channel);
    });
    this.#calls.set(number, { end, running });
    return running;
  }

  /** @param isMade it has ended well: what the watch is told still, or has been told just now, a later call raises */
  end(number: number, isMade: boolean): void {
    const watched = this.#calls.get(number);
    watched?.end(null);
    if (isMade)
      watched?.running.catch((error: Error) =>
        this.#mailbox.failEnded(number, error),
      );
  }

  /** Makes a call here that has been watched so far; if the watch has failed, so has the call. Null: it has not been. */
  proceed<Result>(
    number: number,
    body: (channel: CollectiveCall) => Promise<Result>,
  ): Promise<Result> | null {
    const watched = this.#calls.get(number);
    if (watched === undefined) return null;
    const results: Result[] = [];
    watched.end(async (channel) => void results.push(await body(channel)));
    return watched.running.then(() => results[0]!);
  }

  /** A later call begins: none of these is made any more. */
  clear(): void {
    if (this.#calls.size > 0) this.#calls.clear();
  }
}
