import {
  errorFromWire,
  type FrameHeader,
  InternalError,
  type TsmpiError,
  unpack,
  type WireError,
} from "@tsmpi/protocol";
import { CallInbox, type Compare } from "./call-inbox";
import { type Gone, Matching } from "./matching";
import type { Message } from "./message-queue";

/** Calls that have ended and are remembered, to be compared with what still arrives for them. */
const REMEMBERED_CALLS = 64;

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
      case "collective-inquiry":
        return mailbox.deliver({ header, payload });
      case "collective-error":
        return mailbox.fail(header.tag, readError(header, payload));
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
  /** Calls that ended well here, the latest ones. */
  readonly #ended = new Map<number, Compare>();
  #unraised: Error | null = null;
  /** Told of a peer that makes another call than one that has ended well here. */
  onLateMismatch: (theirs: FrameHeader, error: Error) => void = () => {};

  constructor(others: number) {
    this.matching = new Matching(others);
  }

  /** A message of a collective. */
  deliver(message: Message): void {
    const { header } = message;
    const inbox = this.#call(header.tag);
    if (inbox) return inbox.deliver(message);
    const mismatch = this.#ended.get(header.tag)?.(header);
    if (!mismatch) return;
    this.#raise(mismatch);
    this.onLateMismatch(header, mismatch);
  }

  /** Another rank's error in a collective; if that one has ended well here and nothing can go on, a later one raises it. */
  fail(number: number, error: TsmpiError): void {
    const inbox = this.#call(number);
    if (inbox) inbox.fail(error);
    else if (this.#ended.has(number) && !error.recoverable) this.#raise(error);
  }

  /** In the calls that are under way here, else in the next one. */
  #raise(error: Error): void {
    const underWay = [...this.#calls].filter(
      ([number]) => number < this.#begun,
    );
    for (const [, inbox] of underWay) inbox.fail(error);
    if (underWay.length === 0) this.#unraised ??= error;
  }

  /** The inbox of a call that has not ended here; null for the stragglers of one that has. */
  #call(number: number): CallInbox | null {
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
  begin(number: number, compare: Compare): CallInbox {
    const inbox = this.#call(number)!;
    this.#begun = number + 1;
    if (this.#unraised) inbox.fail(this.#unraised);
    this.#unraised = null;
    inbox.begin(compare);
    return inbox;
  }

  /** @param compare of a call that ended well; null if it failed, which everybody knows then */
  end(number: number, compare: Compare | null): void {
    this.#calls.delete(number);
    if (compare) this.#ended.set(number, compare);
    if (this.#ended.size > REMEMBERED_CALLS)
      this.#ended.delete(this.#ended.keys().next().value!);
  }

  failSource(source: number, gone: Gone): void {
    this.#gone.set(source, gone);
    this.matching.failSource(source, gone);
    for (const inbox of this.#calls.values())
      inbox.failSource(source, gone.error);
  }
}

function readError({ source }: FrameHeader, payload: Uint8Array): TsmpiError {
  try {
    return errorFromWire(unpack(payload) as WireError);
  } catch (cause) {
    return new InternalError(
      `rank ${source} reports an error that cannot be read: ${String(cause)}`,
    );
  }
}
