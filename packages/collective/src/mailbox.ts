import {
  errorFromWire,
  type FrameHeader,
  unpack,
  type WireError,
} from "@tsmpi/protocol";
import { CallInbox } from "./call-inbox";
import { type Gone, Matching } from "./matching";

/** Sorts what arrives at a rank: by communicator, and within one by call or by source and tag. */
export class Mailbox {
  readonly #contexts = new Map<number, ContextMailbox>();
  readonly #gone = new Map<number, Gone>();
  readonly #worldSize: number;

  constructor(worldSize: number) {
    this.#worldSize = worldSize;
  }

  deliver(header: FrameHeader, payload: Uint8Array): void {
    const mailbox = this.context(header.context);
    switch (header.kind) {
      case "point-to-point":
        return mailbox.matching.deliver({ header, payload });
      case "collective":
        return mailbox.call(header.tag)?.deliver({ header, payload });
      case "collective-error":
        return mailbox
          .call(header.tag)
          ?.fail(errorFromWire(unpack(payload) as WireError));
    }
  }

  /** Messages may arrive before this rank has made the communicator, so a context exists as soon as somebody names it. */
  context(context: number): ContextMailbox {
    let mailbox = this.#contexts.get(context);
    if (mailbox === undefined) {
      mailbox = new ContextMailbox(this.#worldSize - 1);
      for (const [source, gone] of this.#gone) mailbox.failSource(source, gone);
      this.#contexts.set(context, mailbox);
    }
    return mailbox;
  }

  /** Nothing more will arrive from this world rank. */
  failSource(source: number, gone: Gone): void {
    if (this.#gone.has(source)) return;
    this.#gone.set(source, gone);
    for (const mailbox of this.#contexts.values())
      mailbox.failSource(source, gone);
  }
}

/** One communicator's part of the mailbox. */
export class ContextMailbox {
  readonly matching: Matching;
  readonly #calls = new Map<number, CallInbox>();
  readonly #gone = new Map<number, Gone>();
  /** Calls with a lower number have begun here; one of those that is not in `#calls` has ended. */
  #begun = 0;

  constructor(others: number) {
    this.matching = new Matching(others);
  }

  /** The inbox of a call that has not ended here; null for the stragglers of one that has. */
  call(number: number): CallInbox | null {
    let inbox = this.#calls.get(number);
    if (inbox === undefined) {
      if (number < this.#begun) return null;
      inbox = new CallInbox();
      for (const [source, { error }] of this.#gone)
        inbox.failSource(source, error);
      this.#calls.set(number, inbox);
    }
    return inbox;
  }

  /** Calls begin in the order of their numbers, 0, 1, 2 …; what arrived for this one before is in its inbox. */
  begin(number: number): CallInbox {
    const inbox = this.call(number)!;
    this.#begun = number + 1;
    return inbox;
  }

  end(number: number): void {
    this.#calls.delete(number);
  }

  failSource(source: number, gone: Gone): void {
    this.#gone.set(source, gone);
    this.matching.failSource(source, gone);
    for (const inbox of this.#calls.values())
      inbox.failSource(source, gone.error);
  }
}
