import {
  ArgumentError,
  type CallSignature,
  errorToWire,
  type FrameHeader,
  type FrameKind,
  type Log,
  pack,
  TimeoutError,
} from "@tsmpi/protocol";
import type { Activity } from "./activity";
import { encodeAnswer } from "./answer";
import type { CallInbox, CallListener } from "./call-inbox";
import {
  type CallDescription,
  describeCall,
  isSameCall,
  signature,
} from "./call-signature";
import { decodeReport, Dispute, encodeReport } from "./dispute";
import type { Awaited, Lookout } from "./lookout";
import type { ContextMailbox } from "./mailbox";
import type { Message } from "./message-queue";
import { PART_BYTES, PartSender } from "./part-sender";
import type { PointToPoint } from "./point-to-point";
import { RollCall } from "./roll-call";

/** What a communicator needs of the transport: a frame to a world rank. The payload may be written to again on return, unless it is lent. */
export interface Sender {
  send(
    dest: number,
    frame: {
      readonly kind: FrameKind;
      readonly context: number;
      readonly tag: number;
      readonly call: CallSignature;
      readonly payload: Uint8Array;
      /** Of a part of a long message: the bytes of the whole. */
      readonly extent?: number;
      /** See `PointToPoint.lend`. */
      readonly isLent?: boolean;
    },
  ): Promise<void>;
  /** Resolves when `dest` has all that it has been sent, or needs nothing any more. */
  flush(dest: number): Promise<void>;
}

export interface CallOptions {
  /** Which communicator: the same number on all its ranks, unique in the job. */
  readonly context: number;
  /** World rank of each rank of this communicator. */
  readonly group: readonly number[];
  /** This process's rank in the communicator. */
  readonly rank: number;
  readonly sender: Sender;
  /** A collective that has not ended by then raises on every rank. */
  readonly timeoutMs: number;
  /** After waiting this long, and again and again, a rank asks those it waits for whether they make the same call. Default 1 s. */
  readonly inquiryMs?: number;
  /** After waiting this long a rank warns of those it waits for. Default 10 s. */
  readonly stallWarnMs?: number;
  /** How long ranks wait for each other's reports when their calls differ. Default 1 s. */
  readonly reportMs?: number;
  readonly activity?: Activity;
  readonly log?: Pick<Log, "warn">;
}

/** Of one call. */
export interface AboutCall {
  /** In place of the communicator's. */
  readonly timeoutMs?: number;
  /** Where in the user's program it is made; asked only when ranks differ. */
  readonly site?: () => Promise<string | null>;
  /** It is made only to fail, whatever the others call. */
  readonly refuses?: boolean;
  /** How long it has been waited for before. */
  readonly waitedMs?: number;
  /** Of the call among those of its communicator; by default the next one. Greater than all before. */
  readonly number?: number;
}

/**
 * One numbered call of a collective on this rank: its messages, its deadline, and its failure, which is everybody's. Whoever
 * fails tells all others, so that nobody is left waiting.
 */
export class CollectiveCall implements PointToPoint, CallListener, Awaited {
  readonly rank: number;
  readonly size: number;
  readonly #options: CallOptions;
  readonly #about: AboutCall;
  readonly #call: CallSignature;
  readonly #rest: unknown;
  readonly #number: number;
  readonly #mailbox: ContextMailbox;
  readonly #lookout: Lookout;
  /** Comes once. */
  #deadlineMs: number;
  #inquiryDueMs: number;
  /** The last message came, or the call began. */
  #lastProgressMs: number;
  /** Made when something long is to be sent. */
  #parts: PartSender | null = null;
  /** World ranks that have been lent memory of the caller's; null: none. */
  #borrowers: Set<number> | null = null;
  /** Made when somebody is late. */
  #rollCall: RollCall | null = null;
  /** World rank → the call that its last message was of. */
  readonly #seen = new Map<number, CallSignature>();
  #dispute: Dispute | null = null;
  /** Resolves with what comes of the dispute; made with it. */
  #conclusion: Promise<Error> | null = null;
  #resolveConclusion!: (error: Error) => void;
  #hasWarned = false;
  #hasEnded = false;
  #hasConcluded = false;
  readonly #inbox: CallInbox;

  /** Calls of a communicator begin in the order of their numbers. */
  constructor(
    options: CallOptions,
    {
      call,
      number,
      mailbox,
      lookout,
      about = {},
    }: {
      readonly call: CallDescription;
      readonly number: number;
      readonly mailbox: ContextMailbox;
      readonly lookout: Lookout;
      readonly about?: AboutCall;
    },
  ) {
    this.rank = options.rank;
    this.size = options.group.length;
    this.#options = options;
    this.#about = about;
    const { inquiryMs = INQUIRY_MS } = options;
    const nowMs = performance.now();
    const sinceMs = nowMs - (about.waitedMs ?? 0);
    this.#lastProgressMs = sinceMs;
    this.#deadlineMs = sinceMs + this.#timeoutMs;
    this.#inquiryDueMs = nowMs + inquiryMs;
    this.#call = signature(call);
    this.#rest = call.rest;
    this.#number = number;
    this.#mailbox = mailbox;
    this.#lookout = lookout;
    this.#inbox = mailbox.begin(number);
    this.#inbox.begin(this);
  }

  /** @param onEnd called when it has ended, well or not */
  async run<Result>(
    body: (channel: this) => Promise<Result>,
    onEnd: () => void,
  ): Promise<Result> {
    const { activity } = this.#options;
    this.#lookout.add(this);
    activity?.begin(this);
    try {
      const result = await body(this);
      if (this.#borrowers) await this.takeBack();
      if (this.#mailbox.disputes.size > 0)
        throw await Promise.race(this.#mailbox.disputes);
      if (this.#inbox.failure) throw this.#inbox.failure;
      this.#hasEnded = true;
      this.#mailbox.end(this.#number, this);
      return result;
    } catch (thrown) {
      // Of a dispute everybody hears, whatever else came in between: that a peer is through with its program, say.
      const error = this.#dispute
        ? await this.#conclusion!
        : this.#placed(thrown);
      this.#mailbox.end(this.#number, null);
      if (!this.#dispute)
        await tellError(this.#options, {
          number: this.#number,
          call: this.#call,
          error,
        });
      // Whoever still gets something of this call must not get what the caller writes next.
      await this.takeBack();
      throw error;
    } finally {
      this.#lookout.delete(this);
      activity?.end(this);
      onEnd();
    }
  }

  get dueMs(): number {
    return Math.min(this.#inquiryDueMs, this.#deadlineMs);
  }

  onDue(): void {
    const { inquiryMs = INQUIRY_MS } = this.#options;
    const nowMs = performance.now();
    if (nowMs >= this.#deadlineMs) {
      this.#deadlineMs = Infinity;
      void this.#timeout();
    }
    if (nowMs < this.#inquiryDueMs) return;
    this.#inquiryDueMs = nowMs + inquiryMs;
    this.#inquire();
  }

  /** For people. */
  get text(): string {
    return `${this.#text} #${this.#number}`;
  }

  /**
   * Stands in for a call that is made in shared memory: asks, warns and fails as a call does that waits for all other ranks.
   * Rejects then; ends when `until` has resolved.
   */
  async watch<Result>(until: Promise<Result>): Promise<Result> {
    const others = this.#options.group.filter((_, peer) => peer !== this.rank);
    try {
      return await Promise.race([this.#inbox.watch(others), until]);
    } finally {
      this.#inbox.endWatch();
    }
  }

  send(dest: number, bytes: Uint8Array): Promise<void> {
    return this.#send(this.#options.group[dest]!, bytes, false);
  }

  lend(dest: number, bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength < LEAST_LENT_BYTES) return this.send(dest, bytes);
    const world = this.#options.group[dest]!;
    (this.#borrowers ??= new Set()).add(world);
    return this.#send(world, bytes, true);
  }

  #send(world: number, payload: Uint8Array, isLent: boolean): Promise<void> {
    if (this.#parts === null && payload.byteLength <= PART_BYTES)
      return this.#post("collective", world, payload, isLent);
    this.#parts ??= new PartSender((dest, part) =>
      this.#post("collective", dest, part.payload, part.isLent, part.extent),
    );
    return this.#parts.send(world, payload, isLent);
  }

  /** Returns when whatever was lent may be written to again. */
  async takeBack(): Promise<void> {
    const { sender } = this.#options;
    const borrowers = [...(this.#borrowers ?? [])];
    this.#borrowers = null;
    await Promise.allSettled(borrowers.map((world) => sender.flush(world)));
  }

  async receive(source: number): Promise<Uint8Array> {
    const { payload } = await this.#inbox.receive(this.#options.group[source]!);
    this.#lastProgressMs = performance.now();
    return payload;
  }

  isSame({ source, call }: FrameHeader): boolean {
    this.#seen.set(source, call);
    return this.#about.refuses === true || isSameCall(this.#call, call);
  }

  onMismatch(): void {
    void this.#disagree();
  }

  onInquiry({ source }: FrameHeader): void {
    const awaited = this.#inbox.awaited.map((world) => this.#rankOf(world));
    const text = this.#hasEnded
      ? "is through with the call"
      : awaited.length === 0
        ? "is in the call too"
        : `is in the call too, waiting for rank ${awaited.join(", ")}`;
    const answer = encodeAnswer({ isThere: true, text });
    this.#tell(source, "collective-answer", answer);
  }

  onAnswer(message: Message): void {
    this.#rollCall?.answer(message);
  }

  onReport({ header, payload }: Message): void {
    const report = decodeReport(payload);
    if (report === null) return;
    void this.#disagree();
    this.#dispute?.add(this.#rankOf(header.source), report);
    if (this.#dispute?.isComplete) this.#conclude();
  }

  /** Calls differ: says what ours is, and waits for what the others say. */
  async #disagree(): Promise<void> {
    if (this.#dispute) return;
    const { group, reportMs = 1_000 } = this.#options;
    this.#dispute = new Dispute(this.size);
    this.#conclusion = new Promise((resolve) => {
      this.#resolveConclusion = resolve;
    });
    // A later call of ours must not end well before it is known what comes of this one.
    this.#mailbox.disputes.add(this.#conclusion);
    this.#mailbox.onDispute();
    setTimeout(() => this.#concludeUnlessOwed(), reportMs).unref();
    const site = (await this.#about.site?.()) ?? null;
    const report = { call: this.#text, site };
    this.#dispute.add(this.rank, report);
    for (const [peer, dest] of group.entries())
      if (peer !== this.rank)
        this.#tell(dest, "collective-report", encodeReport(report));
    if (this.#dispute.isComplete) this.#conclude();
  }

  /** A rank that is in the call reports soon, even if its program is slow to say where; one that is not may never. */
  #concludeUnlessOwed(): void {
    const { reportMs = 1_000 } = this.#options;
    const known = [
      this.rank,
      ...[...this.#seen.keys()].map((world) => this.#rankOf(world)),
    ];
    if (known.every((rank) => this.#dispute!.has(rank))) this.#conclude();
    else setTimeout(() => this.#conclude(), 2 * reportMs).unref();
  }

  /** When all reports are there, and when their time is over: the first of the two counts. */
  #conclude(): void {
    if (this.#hasConcluded) return;
    this.#hasConcluded = true;
    for (const [world, call] of this.#seen)
      this.#dispute!.suspect(this.#rankOf(world), describeCall(call));
    const error = this.#dispute!.conclude(this.#number);
    this.#mailbox.disputes.delete(this.#conclusion!);
    this.#resolveConclusion(error);
    if (this.#hasEnded) this.#mailbox.raise(this.#number, error);
    else this.#inbox.fail(error);
  }

  /** Asks whoever we wait for. A rank that makes another call reports it; one that makes ours, or none yet, says what it does. */
  #inquire(): void {
    this.#ask(this.#inbox.awaited);
    const { stallWarnMs = 10_000, log } = this.#options;
    const waitedMs = performance.now() - this.#lastProgressMs;
    if (this.#hasWarned || waitedMs < stallWarnMs || this.#hasEnded) return;
    this.#hasWarned = true;
    void this.#whoIsMissing().then((who) => {
      if (!this.#hasEnded && !this.#inbox.failure)
        log?.warn(
          `${this.text} waits since ${(waitedMs / 1_000).toFixed(1)} s: ${who}`,
        );
    });
  }

  #ask(dests: readonly number[]): void {
    for (const dest of dests)
      this.#post("collective-inquiry", dest, NOTHING).catch((error: Error) =>
        this.#inbox.failSource(dest, error),
      );
  }

  #whoIsMissing(): Promise<string> {
    this.#rollCall ??= new RollCall(this.#options, (worlds) =>
      this.#ask(worlds),
    );
    return this.#rollCall.whoIsMissing(() => this.#inbox.awaited);
  }

  #tell(dest: number, kind: FrameKind, payload: Uint8Array): void {
    this.#post(kind, dest, payload).catch((error: Error) =>
      this.#inbox.failSource(dest, error),
    );
  }

  /** @param dest world rank */
  #post(
    kind: FrameKind,
    dest: number,
    payload: Uint8Array,
    isLent = false,
    extent = 0,
  ): Promise<void> {
    const { context, sender } = this.#options;
    return sender.send(dest, {
      kind,
      context,
      tag: this.#number,
      call: this.#call,
      payload,
      isLent,
      extent,
    });
  }

  get #timeoutMs(): number {
    return this.#about.timeoutMs ?? this.#options.timeoutMs;
  }

  get #text(): string {
    return describeCall(this.#call, this.#rest);
  }

  /** Of what this rank finds wrong in what has come, its peers hear where; what they said, and what it refuses, says so itself. */
  #placed(error: unknown): unknown {
    if (
      error instanceof ArgumentError &&
      error !== this.#inbox.failure &&
      !this.#about.refuses
    )
      error.message = `[rank ${this.rank}] ${this.text}: ${error.message}`;
    return error;
  }

  #rankOf(world: number): number {
    return this.#options.group.indexOf(world);
  }

  /** The deadline has come: names whoever is late, which takes a moment. */
  async #timeout(): Promise<void> {
    const who = await this.#whoIsMissing();
    this.#inbox.fail(
      new TimeoutError(
        `[rank ${this.rank}] ${this.text} did not end within ${this.#timeoutMs / 1000} s: ${who}`,
      ),
    );
  }
}

/** Whoever of the communicator's other ranks waits in the call gets the error too. */
async function tellError(
  { context, group, rank, sender }: CallOptions,
  {
    number,
    call,
    error,
  }: {
    readonly number: number;
    readonly call: CallSignature;
    readonly error: unknown;
  },
): Promise<void> {
  const message = {
    kind: "collective-error",
    context,
    tag: number,
    call,
    payload: pack(errorToWire(error)),
  } as const;
  await Promise.allSettled(
    group
      .filter((_, peer) => peer !== rank)
      .map((dest) => sender.send(dest, message)),
  );
}

const NOTHING = new Uint8Array(0);

const INQUIRY_MS = 1_000;

/** A copy of less costs less than to ask whether it has arrived. */
const LEAST_LENT_BYTES = 64 << 10;
