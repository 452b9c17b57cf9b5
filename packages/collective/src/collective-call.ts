import {
  type CallSignature,
  errorToWire,
  type FrameHeader,
  type FrameKind,
  MismatchError,
  pack,
  TimeoutError,
} from "@tsmpi/protocol";
import type { CallInbox } from "./call-inbox";
import { describeCall, isSameCall } from "./call-signature";
import type { ContextMailbox } from "./mailbox";
import type { PointToPoint } from "./point-to-point";

/** What a communicator needs of the transport: a frame to a world rank. The payload may be written to again on return. */
export interface Sender {
  send(
    dest: number,
    frame: {
      readonly kind: FrameKind;
      readonly context: number;
      readonly tag: number;
      readonly call: CallSignature;
      readonly payload: Uint8Array;
    },
  ): Promise<void>;
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
}

/**
 * One numbered call of a collective on this rank: its messages, its deadline, and its failure, which is everybody's. Whoever
 * fails tells all others, so that nobody is left waiting.
 */
export class CollectiveCall implements PointToPoint {
  readonly rank: number;
  readonly size: number;
  readonly #options: CallOptions;
  readonly #call: CallSignature;
  readonly #number: number;
  readonly #mailbox: ContextMailbox;
  readonly #inbox: CallInbox;

  /** Calls of a communicator begin in the order of their numbers. */
  constructor(
    options: CallOptions,
    {
      call,
      number,
      mailbox,
    }: {
      readonly call: CallSignature;
      readonly number: number;
      readonly mailbox: ContextMailbox;
    },
  ) {
    this.rank = options.rank;
    this.size = options.group.length;
    this.#options = options;
    this.#call = call;
    this.#number = number;
    this.#mailbox = mailbox;
    this.#inbox = mailbox.begin(number, this.#mismatch);
  }

  async run<Result>(
    body: (channel: PointToPoint) => Promise<Result>,
  ): Promise<Result> {
    const { timeoutMs, inquiryMs = 1_000 } = this.#options;
    const timeout = setTimeout(
      () => this.#inbox.fail(this.#timeout()),
      timeoutMs,
    );
    const inquiry = setInterval(() => this.#inquire(), inquiryMs);
    try {
      const result = await body(this);
      if (this.#inbox.failure) throw this.#inbox.failure;
      this.#mailbox.end(this.#number, this.#mismatch);
      return result;
    } catch (error) {
      this.#mailbox.end(this.#number, null);
      await tellError(this.#options, {
        dests: this.#options.group.filter((_, peer) => peer !== this.rank),
        number: this.#number,
        call: this.#call,
        error,
      });
      throw error;
    } finally {
      clearTimeout(timeout);
      clearInterval(inquiry);
    }
  }

  send(dest: number, bytes: Uint8Array): Promise<void> {
    return this.#post("collective", this.#options.group[dest]!, bytes);
  }

  async receive(source: number): Promise<Uint8Array> {
    const { payload } = await this.#inbox.receive(this.#options.group[source]!);
    return payload;
  }

  /** Asks whoever we wait for. A rank that makes another call answers with an error; one that makes ours says nothing. */
  #inquire(): void {
    for (const source of this.#inbox.awaited)
      this.#post("collective-inquiry", source, NOTHING).catch((error: Error) =>
        this.#inbox.failSource(source, error),
      );
  }

  /** @param dest world rank */
  #post(kind: FrameKind, dest: number, payload: Uint8Array): Promise<void> {
    const { context, sender } = this.#options;
    const [tag, call] = [this.#number, this.#call];
    return sender.send(dest, { kind, context, tag, call, payload });
  }

  readonly #mismatch = (theirs: FrameHeader): MismatchError | null => {
    if (isSameCall(this.#call, theirs.call)) return null;
    const peer = this.#options.group.indexOf(theirs.source);
    return new MismatchError(
      `collective #${theirs.tag}: rank ${this.rank} calls ${describeCall(this.#call)}, rank ${peer} calls ${describeCall(theirs.call)}; every rank must make the same calls in the same order`,
    );
  };

  #timeout(): TimeoutError {
    const { group, timeoutMs } = this.#options;
    const awaited = this.#inbox.awaited.map((world) => group.indexOf(world));
    return new TimeoutError(
      `[rank ${this.rank}] ${describeCall(this.#call)} #${this.#number} did not end within ${timeoutMs / 1000} s: rank ${this.rank} waits for rank ${awaited.join(", ")}`,
    );
  }
}

/** Whoever of these world ranks still waits in the call gets the error too. */
export async function tellError(
  { context, sender }: CallOptions,
  {
    dests,
    number,
    call,
    error,
  }: {
    readonly dests: readonly number[];
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
  await Promise.allSettled(dests.map((dest) => sender.send(dest, message)));
}

const NOTHING = new Uint8Array(0);
