import { RevokedError } from "@tsmpi/protocol";
import {
  ANY_SOURCE,
  PostedReceives,
  UnexpectedMessages,
  type Wanted,
} from "./matching";
import type { ArrivedMessage, PendingReceive } from "./message";

/** Why nothing more comes from a rank. */
export interface Gone {
  readonly error: Error;
  /** It ended with success, as opposed to having failed. */
  readonly inOrder: boolean;
}

/** The messages of one communicator: receives and messages meet in the order they were posted, as MPI demands. */
export class MessageContext {
  readonly unexpected = new UnexpectedMessages<ArrivedMessage>();
  readonly posted = new PostedReceives<PendingReceive>();
  /** Failures that do not keep ANY_SOURCE from waiting any more (ULFM's acknowledgement); world ranks. */
  readonly acknowledged = new Set<number>();
  revoked = false;
  readonly #gone: ReadonlyMap<number, Gone>;
  /** World ranks that can send here, without ourselves; null until this rank has the communicator too. */
  #others: ReadonlySet<number> | null = null;

  constructor(gone: ReadonlyMap<number, Gone>) {
    this.#gone = gone;
  }

  open(others: ReadonlySet<number>): void {
    this.#others = others;
  }

  /**
   * Why no message can meet this any more; null if one can. ANY_SOURCE fails as soon as one rank has failed, since it might be
   * the one waited for (as in ULFM); ranks that left in good order only matter once nobody else is there, and only to who waits.
   */
  failureFor({ source }: Wanted, { waits = true } = {}): Error | null {
    if (this.revoked) return new RevokedError("the communicator is revoked");
    if (source !== ANY_SOURCE) {
      const gone = this.#gone.get(source);
      return gone && (waits || !gone.inOrder) ? gone.error : null;
    }
    const gone = [...this.#gone].filter(([rank]) => this.#others?.has(rank));
    const failed = gone.find(
      ([rank, { inOrder }]) => !inOrder && !this.acknowledged.has(rank),
    );
    const nobodyLeft =
      this.#others !== null &&
      this.#others.size > 0 &&
      gone.length === this.#others.size;
    const hopeless = failed ?? (waits && nobodyLeft ? gone[0] : undefined);
    return hopeless?.[1].error ?? null;
  }

  /** Posted receives that nothing can meet any more fail. */
  failHopeless(): void {
    for (const { wanted, receive } of this.posted.entries()) {
      const failure = this.failureFor(wanted);
      if (failure && this.posted.withdraw(receive)) receive.fail(failure);
    }
  }
}
