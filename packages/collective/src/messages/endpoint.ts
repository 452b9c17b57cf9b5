import {
  type FrameHeader,
  type FrameKind,
  NO_CALL,
  ProcessFailedError,
  RevokedError,
} from "@tsmpi/protocol";
import { ArrivingMessages } from "./arriving-messages";
import { Credits, windowBytes } from "./credits";
import { HeldMessages, headerOf, type PostFrame } from "./held-messages";
import { ANY_SOURCE, ANY_TAG, type Wanted } from "./matching";
import {
  type ArrivedMessage,
  lengthOf,
  type OutgoingMessage,
  PendingReceive,
  type Target,
} from "./message";
import { type Gone, MessageContext } from "./message-context";
import { Operation } from "./operation";

/** Up to here a message travels at once; a longer one is announced, and its bytes follow when a receive has met it. */
export const EAGER_BYTES = 64 << 10;
/** For a message that may be there. */
interface Look {
  readonly waits: boolean;
}
const AT_ONCE: Look = { waits: false };

/**
 * A rank's messages to and from all others, point to point: matching, flow control, and the protocol for long messages. Moves
 * nothing itself: it is given frames in the order they arrive from each rank, and posts frames.
 *
 *     eager       sender: payload ─────────────────────────▶ receiver          as long as the receiver has room
 *     announced   sender: envelope ─▶ … meets a receive … ◀─ requested, part ─▶ part ─▶ …
 */
export class MessageEndpoint {
  readonly #rank: number;
  readonly #size: number;
  readonly #post: PostFrame;
  readonly #credits: Credits;
  readonly #contexts = new Map<number, MessageContext>();
  readonly #freed = new Set<number>();
  /** Ranks that take nothing any more, and send nothing. */
  readonly #gone = new Map<number, Gone>();
  /** Ranks that begin no message any more, and receive none: those, and whose program has ended. */
  readonly #silent = new Map<number, Gone>();
  readonly #held: HeldMessages;
  readonly #arriving = new ArrivingMessages((header, kind, extent) =>
    this.#answer(header, kind, extent),
  );
  #nextMessage = 0;

  constructor({
    rank,
    size,
    post,
  }: {
    /** World rank and size. */
    readonly rank: number;
    readonly size: number;
    readonly post: PostFrame;
  }) {
    this.#rank = rank;
    this.#size = size;
    this.#post = post;
    this.#held = new HeldMessages(post);
    this.#credits = new Credits(windowBytes(size));
  }

  /** This rank has the communicator from now on; what arrived for it before is kept. @param group world ranks */
  open(context: number, group: readonly number[]): void {
    this.#context(context).open(
      new Set(group.filter((rank) => rank !== this.#rank)),
    );
  }

  /** What has not been received of this communicator, or still arrives, is dropped; receives that are posted go on. */
  free(context: number): void {
    this.#freed.add(context);
    const { unexpected } = this.#context(context);
    for (
      let arrived = unexpected.take(ANYTHING);
      arrived;
      arrived = unexpected.take(ANYTHING)
    )
      this.#giveBack(arrived);
    this.#forgetFreed(context);
  }

  #forgetFreed(context: number): void {
    if (this.#contexts.get(context)?.posted.isEmpty)
      this.#contexts.delete(context);
  }

  /** Complete when the bytes may be written to again; a synchronous one when a receive has met it. */
  send(message: OutgoingMessage): Operation<null> {
    const operation = new Operation<null>();
    const { dest, context, synchronous } = message;
    const gone = this.#silent.get(dest);
    if (this.#context(context).revoked)
      operation.fail(new RevokedError("the communicator is revoked"));
    else if (gone && (!gone.inOrder || synchronous)) operation.fail(gone.error);
    else if (gone) operation.succeed(null);
    else if (dest === this.#rank) this.#sendToSelf(message, operation);
    else this.#sendTo(message, operation);
    return operation;
  }

  /** The first message that `wanted` matches, now or later. */
  receive<Result>(
    context: number,
    wanted: Wanted,
    target: Target<Result>,
  ): PendingReceive<Result> {
    const receive = new PendingReceive(target);
    const messages = this.#context(context);
    const arrived = messages.revoked ? null : messages.unexpected.take(wanted);
    if (arrived) this.#meet(arrived, receive);
    else {
      const failure = messages.failureFor(wanted);
      if (failure) receive.fail(failure);
      else messages.posted.post(wanted, receive);
    }
    return receive;
  }

  /** False if a message has met it already. */
  withdraw(context: number, receive: PendingReceive): boolean {
    return this.#context(context).posted.withdraw(receive);
  }

  /**
   * The first message that `wanted` matches, if one is there; it stays.
   *
   * @param look whether its caller waits: then it fails too if whoever might have sent has ended in good order
   * @throws {ProcessFailedError | RevokedError} none will ever come
   */
  peek(
    context: number,
    wanted: Wanted,
    look: Look = AT_ONCE,
  ): ArrivedMessage | null {
    const messages = this.#context(context);
    const arrived = messages.unexpected.peek(wanted);
    const failure = arrived ? null : messages.failureFor(wanted, look);
    if (failure) throw failure;
    return arrived;
  }

  /** The same, but no other receive will get it: it is for `accept`. */
  take(
    context: number,
    wanted: Wanted,
    look: Look = AT_ONCE,
  ): ArrivedMessage | null {
    return this.peek(context, wanted, look) === null
      ? null
      : this.#context(context).unexpected.take(wanted);
  }

  /** Receives a message that `take` has given. */
  accept<Result>(
    arrived: ArrivedMessage,
    target: Target<Result>,
  ): PendingReceive<Result> {
    const receive = new PendingReceive(target);
    if (this.isRevoked(arrived.header.context)) {
      // Its sender has it no more.
      this.#giveBack(arrived);
      receive.fail(new RevokedError("the communicator is revoked"));
    } else this.#meet(arrived, receive);
    return receive;
  }

  /** A frame for messages, in the order of its source's. `payload` is read before this returns. */
  deliver(header: FrameHeader, payload: Uint8Array): void {
    switch (header.kind) {
      case "eager":
      case "eager-synchronous":
        return this.#arrive({ header, payload });
      case "announced":
        return this.#arrive({ header, payload: null });
      case "requested":
        return this.#held.sendParts(header);
      case "part":
        return this.#arriving.takePart(header, payload);
      case "matched":
        return this.#held.release(header.message);
      case "credit":
        return this.#credits.refill(header.source, header.extent);
      case "leaving":
        return this.#letLeave(header.source);
      case "revoked":
        return this.revoke(header.context);
      case "collective":
      case "collective-error":
      case "collective-inquiry":
      case "collective-answer":
      case "collective-report":
      case "collective-flush":
      case "collective-flushed":
        return;
    }
  }

  /** Nothing more comes from this world rank, nor does it take anything. */
  failSource(source: number, gone: Gone): void {
    if (this.#gone.has(source)) return;
    this.#gone.set(source, gone);
    this.#silence(source, gone);
    this.#held.failWhere(gone.error, ({ message }) => message.dest === source);
    this.#arriving.failWhere(gone.error, (header) => header.source === source);
  }

  /**
   * This rank's program has ended. Messages that have been announced can still be received; if there are some, whoever waits for
   * another one, or for us to receive something, hears that it waits for nothing: we could otherwise wait for each other.
   */
  leave(): void {
    const isHeldBack = this.#held.some(
      ({ message }) => message.dest !== this.#rank,
    );
    for (let dest = 0; isHeldBack && dest < this.#size; dest++)
      if (dest !== this.#rank && !this.#gone.has(dest))
        this.#post(dest, { ...LEAVING, message: 0, extent: 0 }, NOTHING);
    // Nobody else would ever meet them.
    this.#held.failWhere(
      new ProcessFailedError("this rank's program has ended", [this.#rank]),
      ({ message }) => message.dest === this.#rank,
    );
  }

  /** The program of this world rank has ended: it takes no more than it has asked for. */
  #letLeave(source: number): void {
    const error = new ProcessFailedError(
      `rank ${source} has ended its program`,
      [source],
    );
    this.#silence(source, { error, inOrder: true });
    this.#held.failWhere(
      error,
      ({ message, sent }) => message.dest === source && sent === 0,
    );
  }

  /** Everything under way in this communicator fails, and whatever is begun in it. */
  revoke(context: number): void {
    const messages = this.#context(context);
    if (messages.revoked) return;
    messages.revoked = true;
    messages.failHopeless();
    const error = new RevokedError("the communicator is revoked");
    this.#held.failWhere(error, ({ message }) => message.context === context);
    this.#arriving.failWhere(error, (header) => header.context === context);
  }

  isRevoked(context: number): boolean {
    return this.#contexts.get(context)?.revoked ?? false;
  }

  /** How this world rank has gone; null if it has not, as far as this rank knows. */
  goneOf(rank: number): Gone | null {
    return this.#gone.get(rank) ?? null;
  }

  /** World ranks that have failed, in the order this rank has learnt of it. */
  get failedRanks(): number[] {
    return [...this.#gone]
      .filter(([, { inOrder }]) => !inOrder)
      .map(([rank]) => rank);
  }

  /** ANY_SOURCE waits again in spite of these. */
  acknowledge(context: number, ranks: readonly number[]): void {
    for (const rank of ranks) this.#context(context).acknowledged.add(rank);
  }

  /** World ranks whose failure does not keep ANY_SOURCE from waiting. */
  acknowledged(context: number): number[] {
    return [...this.#context(context).acknowledged];
  }

  /** Messages whose bytes wait here for their receiver. */
  get heldMessages(): number {
    return this.#held.size;
  }

  /** A message may be on its way, from here or to here, that waits for this endpoint again and again. */
  get isBusy(): boolean {
    return (
      this.#held.size > 0 ||
      this.#arriving.size > 0 ||
      [...this.#contexts.values()].some(({ posted }) => !posted.isEmpty)
    );
  }

  /** Receives that are posted in this communicator. */
  postedReceives(context: number): number {
    return this.#context(context).posted.entries().length;
  }

  /** Receives that only this rank could have answered fail. */
  #silence(source: number, gone: Gone): void {
    this.#silent.set(source, gone);
    for (const messages of this.#contexts.values()) messages.failHopeless();
  }

  #context(context: number): MessageContext {
    let messages = this.#contexts.get(context);
    if (messages === undefined) {
      messages = new MessageContext(this.#silent);
      this.#contexts.set(context, messages);
    }
    return messages;
  }

  /** There is nobody to wait for: what no receive of ours has met yet is copied. */
  #sendToSelf(message: OutgoingMessage, operation: Operation<null>): void {
    const { bytes, synchronous } = message;
    const number = this.#number();
    const kind = synchronous ? "eager-synchronous" : "eager";
    const header: FrameHeader = {
      ...headerOf(kind, message, number, 0),
      source: this.#rank,
      payloadBytes: bytes.byteLength,
    };
    if (synchronous) this.#held.hold(number, message, operation);
    else operation.succeed(null);
    this.#arrive({ header, payload: bytes });
  }

  #sendTo(message: OutgoingMessage, operation: Operation<null>): void {
    const { dest, bytes, synchronous } = message;
    const isEager =
      bytes.byteLength <= EAGER_BYTES &&
      this.#credits.take(dest, bytes.byteLength);
    const kind = !isEager
      ? "announced"
      : synchronous
        ? "eager-synchronous"
        : "eager";
    const number = this.#number();
    if (kind === "eager") operation.succeed(null);
    else this.#held.hold(number, message, operation);
    const extent = isEager ? 0 : bytes.byteLength;
    const header = headerOf(kind, message, number, extent);
    this.#post(dest, header, isEager ? bytes : NOTHING);
  }

  #number(): number {
    this.#nextMessage = (this.#nextMessage + 1) >>> 0;
    return this.#nextMessage;
  }

  #arrive({ header, payload }: ArrivedMessage): void {
    const isFreed = this.#freed.has(header.context);
    const messages = this.#context(header.context);
    const receive = messages.posted.take(header);
    if (isFreed) this.#forgetFreed(header.context);
    if (receive) return this.#meet({ header, payload }, receive);
    if (isFreed) return this.#giveBack({ header, payload });
    const kept = payload && Uint8Array.from(payload);
    messages.unexpected.put(header, { header, payload: kept });
  }

  /** A message and the receive it is for. */
  #meet(arrived: ArrivedMessage, receive: PendingReceive): void {
    const { header, payload } = arrived;
    const length = lengthOf(arrived);
    let into: Uint8Array;
    try {
      into = receive.target.open(header, length);
    } catch (error) {
      this.#takenFrom(arrived);
      receive.fail(error as Error);
      return;
    }
    if (payload === null && length > 0)
      return this.#request(arrived, receive, into);
    if (payload) into.set(payload);
    this.#takenFrom(arrived);
    receive.complete(header, into);
  }

  /** Tells the sender what it waits for. */
  #takenFrom({ header, payload }: ArrivedMessage): void {
    if (header.kind !== "eager") this.#answer(header, "matched", 0);
    this.#giveBack({ header, payload });
  }

  /** The room that it took here. */
  #giveBack({ header, payload }: ArrivedMessage): void {
    const { source } = header;
    if (payload === null || source === this.#rank) return;
    const due = this.#credits.owe(source, payload.byteLength);
    if (due > 0) this.#answer(header, "credit", due);
  }

  #request(
    { header }: ArrivedMessage,
    receive: PendingReceive,
    into: Uint8Array,
  ): void {
    const gone = this.#gone.get(header.source);
    if (gone) receive.fail(gone.error);
    else this.#arriving.request(header, receive, into);
  }

  #answer(
    { source, context, tag, call, message }: FrameHeader,
    kind: FrameKind,
    extent: number,
  ): void {
    if (source === this.#rank)
      return void (kind === "matched" && this.#held.release(message));
    if (this.#gone.has(source)) return;
    this.#post(source, { kind, context, tag, call, message, extent }, NOTHING);
  }
}

const NOTHING = new Uint8Array(0);
const ANYTHING: Wanted = { source: ANY_SOURCE, tag: ANY_TAG };
const LEAVING = {
  kind: "leaving",
  context: 0,
  tag: 0,
  call: NO_CALL,
} as const;
