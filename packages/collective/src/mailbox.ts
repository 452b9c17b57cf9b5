import {
  ArgumentError,
  errorFromWire,
  type FrameHeader,
  InternalError,
  MismatchError,
  RevokedError,
  TsmpiError,
  unpack,
  type WireError,
} from "@tsmpi/protocol";
import { CallInbox, type CallListener } from "./call-inbox";
import type { Gone } from "./messages/message-context";
import type { Message } from "./message-queue";

/** Calls that have ended and are remembered, to be compared with what still arrives for them. */
const REMEMBERED_CALLS = 64;

/** Sorts what arrives at a rank for its collectives: by communicator, and within one by call. */
export class Mailbox {
  readonly #contexts = new Map<number, ContextMailbox>();
  readonly #freed = new Set<number>();
  readonly #gone = new Map<number, Gone>();

  deliver(header: FrameHeader, payload: Uint8Array): void {
    if (this.#freed.has(header.context)) return;
    const mailbox = this.context(header.context);
    switch (header.kind) {
      case "collective":
      case "collective-inquiry":
      case "collective-answer":
      case "collective-report":
        return mailbox.deliver({ header, payload });
      case "collective-error":
        return mailbox.fail(header.tag, readError(header, payload));
      case "revoked":
        return mailbox.revoke();
      case "eager":
      case "eager-synchronous":
      case "announced":
      case "requested":
      case "part":
      case "matched":
      case "credit":
      case "leaving":
      case "collective-flush":
      case "collective-flushed":
        return;
    }
  }

  /** Messages may arrive before this rank has made the communicator, so a context exists as soon as somebody names it. */
  context(context: number): ContextMailbox {
    let mailbox = this.#contexts.get(context);
    if (mailbox === undefined) {
      mailbox = new ContextMailbox();
      for (const [source, gone] of this.#gone) mailbox.failSource(source, gone);
      this.#contexts.set(context, mailbox);
    }
    return mailbox;
  }

  /** Whatever still arrives for this communicator is dropped. */
  free(context: number): void {
    this.#contexts.delete(context);
    this.#freed.add(context);
  }

  /** Resolves when nobody is asked any more what its call was. */
  async disputesEnd(): Promise<void> {
    await Promise.all(
      [...this.#contexts.values()].flatMap(({ disputes }) => [...disputes]),
    );
  }

  /** Errors of calls that ended well here, and that no later call has raised. */
  get unraised(): Error[] {
    return [...this.#contexts.values()].flatMap(
      ({ unraised }) => unraised ?? [],
    );
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
  readonly #calls = new Map<number, CallInbox>();
  /** The last inquiry of each rank that waits in a call which this rank has not made: it may be all that tells of another call. */
  readonly #early = new Map<number, Message>();
  readonly #gone = new Map<number, Gone>();
  /** Calls with a lower number have begun here; one of those that is not in `#calls` has ended. */
  #begun = 0;
  /** Calls that ended well here: the latest ones, each in the place of the one that ended so many before. */
  readonly #ended: {
    readonly number: number;
    readonly listener: CallListener;
  }[] = [];
  #endedHere = 0;
  #unraised: Error | null = null;
  /** Below, it has been raised in a later call that ranks differ, here as everywhere; once is enough. */
  #settled = 0;
  #revoked: Error | null = null;
  /** An error is to be raised that no call of its own has: the next one is to be made here. */
  onDispute: () => void = () => {};
  /** A peer waits in a call that this rank has not made yet. */
  onEarlyInquiry: (theirs: FrameHeader) => void = () => {};

  /** A message of a collective. */
  deliver(message: Message): void {
    const { header } = message;
    if (header.kind === "collective-inquiry" && header.tag >= this.#begun) {
      this.#early.set(header.source, message);
      return this.onEarlyInquiry(header);
    }
    const inbox = this.#call(header.tag);
    if (inbox === null) return this.#deliverLate(message);
    inbox.deliver(message);
  }

  /** The call has ended well here: it still says what it was, and what comes of that is raised by the rank's next call. */
  #deliverLate(message: Message): void {
    const { header } = message;
    const ended = this.#endedCall(header.tag);
    if (ended === undefined || header.kind === "collective-answer") return;
    if (header.kind === "collective-report") ended.onReport(message);
    else if (header.kind === "collective-inquiry" && ended.isSame(header))
      ended.onInquiry(header);
    else if (!ended.isSame(header)) ended.onMismatch();
  }

  /** Another rank's error in a collective; if that one has ended well here and nothing can go on, a later one raises it. */
  fail(number: number, error: TsmpiError): void {
    const inbox = this.#call(number);
    if (inbox) inbox.fail(error);
    else if (this.#endedCall(number)) this.failEnded(number, error);
  }

  #endedCall(number: number): CallListener | undefined {
    return this.#ended.find((call) => call.number === number)?.listener;
  }

  /** The same, of one that has ended well here. */
  failEnded(number: number, error: Error): void {
    if (!leavesCallsInStep(error)) this.raise(number, error);
  }

  /** Calls that have ended here and of which the ranks turn out to differ: what comes of it is an error. */
  readonly disputes = new Set<Promise<Error>>();

  /** An error of a call that ended well: in those that are under way here, else in the next one. */
  raise(number: number, error: Error): void {
    if (number < this.#settled) return;
    this.onDispute();
    const underWay = this.#underWay();
    for (const inbox of underWay) inbox.fail(error);
    if (underWay.length === 0) this.#unraised ??= error;
  }

  get unraised(): Error | null {
    return this.#unraised;
  }

  /** Every call fails, now and later. */
  revoke(): void {
    this.#revoked ??= new RevokedError("the communicator is revoked");
    for (const inbox of this.#underWay()) inbox.fail(this.#revoked);
  }

  #underWay(): CallInbox[] {
    return [...this.#calls]
      .filter(([number]) => number < this.#begun)
      .map(([, inbox]) => inbox);
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

  /**
   * Calls begin in the order of their numbers; what arrived for this one before is in its inbox. Numbers that are left out are
   * of calls in shared memory, which went well if this rank makes another one.
   */
  begin(number: number): CallInbox {
    for (const [left, { failure }] of this.#calls) {
      if (left < this.#begun || left >= number) continue;
      this.#calls.delete(left);
      if (failure && !leavesCallsInStep(failure)) this.#unraised ??= failure;
    }
    const inbox = this.#call(number)!;
    this.#begun = number + 1;
    if (this.#early.size > 0) this.#deliverEarly(number, inbox);
    const failure = this.#revoked ?? this.#unraised;
    if (failure) inbox.fail(failure);
    this.#unraised = null;
    return inbox;
  }

  #deliverEarly(number: number, inbox: CallInbox): void {
    for (const [source, message] of this.#early) {
      if (message.header.tag > number) continue;
      this.#early.delete(source);
      if (message.header.tag === number) inbox.deliver(message);
    }
  }

  /** @param listener of a call that ended well; null if it failed, which everybody knows then */
  end(number: number, listener: CallListener | null): void {
    if (this.#calls.get(number)?.failure instanceof MismatchError)
      this.#settled = number;
    this.#calls.delete(number);
    if (listener)
      this.#ended[this.#endedHere++ % REMEMBERED_CALLS] = { number, listener };
  }

  failSource(source: number, gone: Gone): void {
    this.#gone.set(source, gone);
    for (const inbox of this.#calls.values())
      inbox.failSource(source, gone.error);
  }
}

/** Whether ranks through with a call go on beside those that it failed on: a rank was lost. Wrong arguments part their ways. */
const leavesCallsInStep = (error: Error): boolean =>
  error instanceof TsmpiError &&
  error.recoverable &&
  !(error instanceof ArgumentError);

function readError({ source }: FrameHeader, payload: Uint8Array): TsmpiError {
  try {
    return errorFromWire(unpack(payload) as WireError);
  } catch (cause) {
    return new InternalError(
      `rank ${source} reports an error that cannot be read: ${String(cause)}`,
    );
  }
}
