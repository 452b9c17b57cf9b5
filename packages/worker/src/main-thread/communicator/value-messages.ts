import type { PendingReceive, WantedMessage } from "@tsmpi/collective";
import { type CallSignature, encodeValue, RevokedError } from "@tsmpi/protocol";
import { checkReceive, checkSend } from "../arguments";
import { ANY_SOURCE, ANY_TAG, PROC_NULL } from "../constants";
import { fromNobody } from "../from-nobody";
import { Message } from "../message";
import { type Arguments, inOrder } from "../options";
import { joined } from "../pending";
import { messageCall, type Received, valueTarget } from "../payloads";
import { type Begun, Request, settle } from "../request";
import { CommunicatorBase } from "./base";
import type {
  Receive,
  ReceiveLater,
  SendrecvValue,
  SendrecvValueLater,
  SendrecvWithBuffer,
  SendValue,
} from "./parameters";

/** How a send is complete: when its bytes have been taken over, when they have been copied, or when they have met a receive. */
export type SendMode = "standard" | "buffered" | "synchronous";

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly call: CallSignature;
  readonly dest: number;
  readonly tag: number;
  readonly mode: SendMode;
}

/**
 * Messages of any value (see `encodeValue`), by the lower-case calls. Each has a non-blocking twin with `i` in front, which
 * checks its arguments at once and returns a `Request`. Names and meaning are mpi4py's.
 */
export abstract class ValueMessages extends CommunicatorBase {
  /** Returns when the value has been taken over; it need not have arrived. */
  send(...args: Arguments<SendValue>): void {
    this.post(this.#value(args, "standard"));
  }
  /** Returns at once, whoever receives. */
  bsend(...args: Arguments<SendValue>): void {
    this.post(this.#value(args, "buffered"));
  }
  /** Returns when a receive has met the value. */
  ssend(...args: Arguments<SendValue>): void {
    this.post(this.#value(args, "synchronous"));
  }
  isend(...args: Arguments<SendValue>): Request<null> {
    return this.requested(this.beginSend(this.#value(args, "standard")));
  }
  ibsend(...args: Arguments<SendValue>): Request<null> {
    return this.requested(this.beginSend(this.#value(args, "buffered")));
  }
  issend(...args: Arguments<SendValue>): Request<null> {
    return this.requested(this.beginSend(this.#value(args, "synchronous")));
  }

  /** The next value from `source` under `tag`. Blocks until there is one, or until that rank is gone. */
  recv<T = unknown>(...args: Arguments<Receive>): T {
    const [source, tag, status] = inOrder(args);
    return settle(this.#receive<T>(source, tag), status);
  }
  irecv<T = unknown>(...args: Arguments<ReceiveLater>): Request<T> {
    return this.requested(this.#receive<T>(...inOrder(args)));
  }

  /** Sends and receives at once, so that two ranks can do it to each other. */
  sendrecv<T = unknown>(
    ...args: Arguments<SendrecvValue> | SendrecvWithBuffer
  ): T {
    const [sendobj, dest, sendtag, source, recvtag, status] =
      withoutBuffer(args);
    const outgoing = this.#value([sendobj, dest, sendtag], "standard");
    const received = this.#receive<T>(source, recvtag);
    this.post(outgoing);
    return settle(received, status);
  }
  isendrecv<T = unknown>(
    ...args: Arguments<SendrecvValueLater> | SendrecvWithBuffer
  ): Request<T> {
    const [sendobj, dest, sendtag, source, recvtag] = withoutBuffer(args);
    const outgoing = this.#value([sendobj, dest, sendtag], "standard");
    const received = this.#receive<T>(source, recvtag);
    return this.requested(this.both(this.beginSend(outgoing), received));
  }

  /** Blocks until a message can be received; it stays to be received. */
  probe(...args: Arguments<Receive>): true {
    return this.Probe(...args);
  }
  Probe(...args: Arguments<Receive>): true {
    Message.find(this, { ...this.#search(args), takes: false });
    return true;
  }
  /** Whether a message can be received. */
  iprobe(...args: Arguments<Receive>): boolean {
    return this.Iprobe(...args);
  }
  Iprobe(...args: Arguments<Receive>): boolean {
    const search = { ...this.#search(args), takes: false };
    return Message.findNow(this, search) !== null;
  }
  /** Blocks until a message can be received, and takes it: no other receive gets it. */
  mprobe(...args: Arguments<Receive>): Message {
    return this.Mprobe(...args);
  }
  Mprobe(...args: Arguments<Receive>): Message {
    return Message.find(this, { ...this.#search(args), takes: true });
  }
  /** The message if one can be received, else null. */
  improbe(...args: Arguments<Receive>): Message | null {
    return this.Improbe(...args);
  }
  Improbe(...args: Arguments<Receive>): Message | null {
    return Message.findNow(this, { ...this.#search(args), takes: true });
  }

  #search(args: Arguments<Receive>) {
    const [source = ANY_SOURCE, tag = ANY_TAG, status] = inOrder(args);
    return { source, tag, status };
  }

  #value(args: Arguments<SendValue>, mode: SendMode): Outgoing {
    const [obj, dest, tag = 0] = inOrder(args);
    this.usable();
    checkSend(dest, tag, this.size);
    const bytes = encodeValue(obj);
    const call = messageCall(null, 1);
    return { bytes, call, dest, tag, mode };
  }

  #receive<T>(source = ANY_SOURCE, tag = ANY_TAG): Begun<T> {
    const wanted = this.readReceive(source, tag);
    if (wanted === null) return fromNobody as Begun<T>;
    const { runtime, context, group } = this.state;
    return this.received(
      runtime.messages.receive(context, wanted, valueTarget<T>(group)),
    );
  }

  /** @internal A receive of this communicator's, for a request. */
  received<T>(operation: PendingReceive<Received<T>>): Begun<T> {
    const { runtime, context, group } = this.state;
    return {
      pending: runtime.pending(operation),
      finish({ header, bytes, value }: Received<T>, status) {
        const source = group.indexOf(header.source);
        status.set({ source, tag: header.tag }, bytes);
        return value;
      },
      cancel() {
        const isFree = runtime.messages.withdraw(context, operation);
        if (isFree) operation.succeed(null as never);
        return isFree;
      },
      timeoutMs: this.callTimeoutMs,
    };
  }

  /** @internal What a receive asks for, in world ranks; null: of nobody. */
  readReceive(source: number, tag: number): WantedMessage | null {
    this.usable();
    checkReceive(source, tag, this.size);
    if (source === PROC_NULL) return null;
    return {
      source: source === ANY_SOURCE ? ANY_SOURCE : this.state.group[source]!,
      tag,
    };
  }

  /** Sends, and returns when that is complete. */
  protected post(outgoing: Outgoing): void {
    settle(this.beginSend(outgoing));
  }

  protected beginSend({ bytes, call, dest, tag, mode }: Outgoing): Begun<null> {
    if (dest === PROC_NULL) return this.done(null);
    const { runtime, context, group } = this.state;
    const operation = runtime.messages.send({
      dest: group[dest]!,
      context,
      tag,
      call,
      bytes: mode === "buffered" ? bytes.slice() : bytes,
      synchronous: mode === "synchronous",
    });
    if (mode === "buffered" && operation.outcome === null)
      return this.done(null);
    return {
      pending: runtime.pending(operation),
      finish: () => null,
      timeoutMs: this.callTimeoutMs,
    };
  }

  /** A request that goes on when the program comes back to its event loop. */
  protected requested<T>(begun: Begun<T>): Request<T> {
    if (begun.pending.outcome === null)
      this.state.runtime.progressInEventLoop();
    return new Request(begun);
  }

  /** Complete when both are; gives what the second one gives. */
  protected both<T>(first: Begun<unknown>, second: Begun<T>): Begun<T> {
    const pending = joined(first.pending, second.pending);
    return { ...second, pending };
  }

  /** @internal @throws no message can be sent or received here and now */
  usable(): void {
    const { runtime, context } = this.state;
    runtime.assertUsable();
    if (runtime.messages.isRevoked(context))
      throw new RevokedError("the communicator is revoked");
  }
}

/** A ported program gives null for the buffer, which no value needs. */
const withoutBuffer = (
  args: Arguments<SendrecvValue> | SendrecvWithBuffer,
): SendrecvValue["values"] =>
  (args[3] === null
    ? args.filter((_, index) => index !== 3)
    : args) as SendrecvValue["values"];
