import { type ArrivedMessage, lengthOf, type Target } from "@tsmpi/collective";
import { ArgumentError, RequestError } from "@tsmpi/protocol";
import { type BufferSpec, readElements } from "./buffer-spec";
import type { ValueMessages } from "./communicator/value-messages";
import { ANY_SOURCE, ANY_TAG } from "./constants";
import { bufferTarget, type Received, valueTarget } from "./payloads";
import { fromNobody } from "./from-nobody";
import { type Begun, lateBy, Request } from "./request";
import type { Status } from "./status";

/** Where a message was found, and what is left of it to do. */
type Found = "nobody" | ArrivedMessage;

interface Search {
  readonly source: number;
  readonly tag: number;
  readonly status?: Status | null;
  /** The message is for its finder alone. */
  readonly takes: boolean;
}

/** A message that a matched probe has found: it is received through this handle and in no other way. */
export class Message {
  #found: Found | null = null;
  #comm: ValueMessages | null = null;

  /** MESSAGE_NULL; or another handle to a message. */
  constructor(from: Message | null = null) {
    if (from === null) return;
    if (!(from instanceof Message))
      throw new ArgumentError("a message is made of another one");
    this.#found = from.#found;
    this.#comm = from.#comm;
  }

  static #of(comm: ValueMessages | null, found: Found): Message {
    const message = new Message();
    message.#comm = comm;
    message.#found = found;
    return message;
  }
  /** @internal A message from PROC_NULL. */
  static fromNobody = (): Message => Message.#of(null, "nobody");

  /** Never was one, or has been received. */
  get isNull(): boolean {
    return this.#found === null;
  }
  /** Whether both are handles to one message, or both null. */
  equals(other: unknown): boolean {
    return other instanceof Message && this.#found === other.#found;
  }
  /** Gives the handle up; a message that nobody has received stays unreceived. */
  free(): void {
    if (this !== MESSAGE_NO_PROC) this.#found = null;
  }

  recv<T = unknown>(status?: Status | null): T {
    return this.irecv<T>().wait(status);
  }
  irecv<T = unknown>(): Request<T> {
    return this.#receive((group) => valueTarget<T>(group));
  }
  Recv(buf: BufferSpec, status?: Status | null): void {
    this.Irecv(buf).wait(status);
  }
  Irecv(buf: BufferSpec): Request<null> {
    const elements = readElements(buf, "buf");
    return this.#receive((group) => bufferTarget(elements, group));
  }

  #receive<T>(
    target: (group: readonly number[]) => Target<Received<T>>,
  ): Request<T> {
    const found = this.#found;
    if (found === "nobody") {
      // The constant can be received for ever.
      this.free();
      return new Request(fromNobody as Begun<T>);
    }
    if (found === null || this.#comm === null)
      throw new RequestError("the message has been received, or never was one");
    this.#found = null;
    const { runtime, group } = this.#comm.state;
    const operation = runtime.messages.accept(found, target(group));
    return new Request(this.#comm.received(operation));
  }

  static probe(
    comm: ValueMessages,
    source = ANY_SOURCE,
    tag = ANY_TAG,
    status?: Status | null,
  ): Message {
    return Message.find(comm, { source, tag, status, takes: true });
  }
  static iprobe(
    comm: ValueMessages,
    source = ANY_SOURCE,
    tag = ANY_TAG,
    status?: Status | null,
  ): Message | null {
    return Message.findNow(comm, { source, tag, status, takes: true });
  }
  static Probe(...args: Parameters<typeof Message.probe>): Message {
    return Message.probe(...args);
  }
  static Iprobe(...args: Parameters<typeof Message.iprobe>): Message | null {
    return Message.iprobe(...args);
  }

  /** @internal Blocks until there is one, or for as long as the call may take. */
  static find(comm: ValueMessages, search: Search): Message {
    let found = Message.findNow(comm, search);
    if (found === null)
      comm.state.runtime.block(
        () => (found = Message.#look(comm, search, true)) !== null,
        comm.callTimeoutMs,
      );
    if (found === null) throw lateBy(comm.callTimeoutMs!);
    return found;
  }

  /** @internal What has arrived. */
  static findNow(comm: ValueMessages, search: Search): Message | null {
    comm.usable();
    comm.state.runtime.progress();
    const found = Message.#look(comm, search, false);
    if (found === null) comm.state.runtime.rest();
    return found;
  }

  static #look(
    comm: ValueMessages,
    search: Search,
    waits: boolean,
  ): Message | null {
    const { source, tag, status, takes } = search;
    const wanted = comm.readReceive(source, tag);
    if (wanted === null) {
      if (status) fromNobody.finish(null as never, status);
      return MESSAGE_NO_PROC;
    }
    const { runtime, context, group } = comm.state;
    const found = takes
      ? runtime.messages.take(context, wanted, { waits })
      : runtime.messages.peek(context, wanted, { waits });
    if (found === null) return null;
    const { source: sender, tag: sent } = found.header;
    status?.set({ source: group.indexOf(sender), tag: sent }, lengthOf(found));
    return Message.#of(comm, found);
  }
}

export const MESSAGE_NULL = new Message();
/** A message from PROC_NULL. */
export const MESSAGE_NO_PROC = Message.fromNobody();
