import { BufferError, bytesOf } from "@tsmpi/protocol";
import { type BufferSpec, readElements } from "../buffer-spec";
import { ANY_SOURCE, ANY_TAG, type AttachedBuffer } from "../constants";
import { fromNobody } from "../from-nobody";
import { type Arguments, inOrder } from "../options";
import { bufferTarget, messageCall } from "../payloads";
import type { Prequest } from "../persistent-request";
import { Request, settle } from "../request";
import { checkSend } from "../arguments";
import type { Start } from "./base";
import type {
  ReceiveInto,
  ReceiveIntoLater,
  Replace,
  ReplaceLater,
  SendBuffer,
  Sendrecv,
  SendrecvLater,
} from "./parameters";
import { type SendMode, ValueMessages } from "./value-messages";

/**
 * Messages of typed arrays, by the capital calls: no encoding, straight into the receiver's buffer. The buffers of a
 * non-blocking call must be left alone until it is complete.
 */
export abstract class BufferMessages extends ValueMessages {
  #attached: AttachedBuffer = null;

  /** Returns when the buffer may be written to again; it need not have arrived. */
  Send(...args: Arguments<SendBuffer>): void {
    settle(this.#outgoing(args, "standard")());
  }
  /** Returns at once, whoever receives. */
  Bsend(...args: Arguments<SendBuffer>): void {
    settle(this.#outgoing(args, "buffered")());
  }
  /** Returns when a receive has met the message. */
  Ssend(...args: Arguments<SendBuffer>): void {
    settle(this.#outgoing(args, "synchronous")());
  }
  /** A receive is there already; here nothing depends on it. */
  Rsend(...args: Arguments<SendBuffer>): void {
    settle(this.#outgoing(args, "standard")());
  }
  Isend(...args: Arguments<SendBuffer>): Request<null> {
    return this.requested(this.#outgoing(args, "standard")());
  }
  Ibsend(...args: Arguments<SendBuffer>): Request<null> {
    return this.requested(this.#outgoing(args, "buffered")());
  }
  Issend(...args: Arguments<SendBuffer>): Request<null> {
    return this.requested(this.#outgoing(args, "synchronous")());
  }
  Irsend(...args: Arguments<SendBuffer>): Request<null> {
    return this.requested(this.#outgoing(args, "standard")());
  }
  Send_init(...args: Arguments<SendBuffer>): Prequest<null> {
    return this.persistent(() => this.#outgoing(args, "standard"));
  }
  Bsend_init(...args: Arguments<SendBuffer>): Prequest<null> {
    return this.persistent(() => this.#outgoing(args, "buffered"));
  }
  Ssend_init(...args: Arguments<SendBuffer>): Prequest<null> {
    return this.persistent(() => this.#outgoing(args, "synchronous"));
  }
  Rsend_init(...args: Arguments<SendBuffer>): Prequest<null> {
    return this.persistent(() => this.#outgoing(args, "standard"));
  }

  /**
   * The next buffer from `source` under `tag`, into `buf`, which may be longer than the message.
   *
   * @throws {TruncateError} the message is longer than `buf`
   * @throws {BufferTypeError} the sender's element type is another one
   */
  Recv(...args: Arguments<ReceiveInto>): void {
    const [buf, source, tag, status] = inOrder(args);
    settle(this.#receive(buf, source, tag)(), status);
  }
  Irecv(...args: Arguments<ReceiveIntoLater>): Request<null> {
    return this.requested(this.#receive(...inOrder(args))());
  }
  Recv_init(...args: Arguments<ReceiveIntoLater>): Prequest<null> {
    return this.persistent(() => this.#receive(...inOrder(args)));
  }

  /** Sends and receives at once, so that two ranks can do it to each other. */
  Sendrecv(...args: Arguments<Sendrecv>): void {
    const [sendbuf, dest, sendtag, recvbuf = null, source, recvtag, status] =
      inOrder(args);
    const send = this.#outgoing([sendbuf, dest, sendtag], "standard");
    const received = this.#receive(recvbuf, source, recvtag)();
    settle(this.both(send(), received), status);
  }
  Isendrecv(...args: Arguments<SendrecvLater>): Request<null> {
    const [sendbuf, dest, sendtag, recvbuf = null, source, recvtag] =
      inOrder(args);
    const send = this.#outgoing([sendbuf, dest, sendtag], "standard");
    const received = this.#receive(recvbuf, source, recvtag)();
    return this.requested(this.both(send(), received));
  }
  /** What is received takes the place of what is sent. */
  Sendrecv_replace(...args: Arguments<Replace>): void {
    const [buf, dest, sendtag, source, recvtag, status] = inOrder(args);
    this.Isendrecv_replace(buf, dest, sendtag, source, recvtag).wait(status);
  }
  Isendrecv_replace(...args: Arguments<ReplaceLater>): Request<null> {
    const [buf, dest, sendtag, source, recvtag] = inOrder(args);
    const { array, dtype } = readElements(buf, "buf");
    return this.Isendrecv(
      [array.slice(), dtype],
      dest,
      sendtag,
      [array, dtype],
      source,
      recvtag,
    );
  }

  /** Buffered sends need no buffer here: it is only remembered. */
  Attach_buffer(buf: AttachedBuffer): void {
    if (this.#attached)
      throw new BufferError("a buffer is attached already: detach it first");
    this.#attached = buf;
  }
  /** Returns when all buffered messages have left. */
  Detach_buffer(): AttachedBuffer {
    this.Flush_buffer();
    const attached = this.#attached;
    this.#attached = null;
    return attached;
  }
  Flush_buffer(): void {
    this.Iflush_buffer().wait();
  }
  /** What was sent with buffering has been copied: nothing of it waits in this rank's buffers. */
  Iflush_buffer(): Request<null> {
    return new Request(this.done(null));
  }

  #outgoing(args: Arguments<SendBuffer>, mode: SendMode): Start<null> {
    const [buf, dest, tag = 0] = inOrder(args);
    this.usable();
    checkSend(dest, tag, this.size);
    const { array, dtype } = readElements(buf, "buf");
    const call = messageCall(dtype, array.length);
    return () =>
      this.beginSend({ bytes: bytesOf(array), call, dest, tag, mode });
  }

  #receive(buf: BufferSpec, source = ANY_SOURCE, tag = ANY_TAG): Start<null> {
    const wanted = this.readReceive(source, tag);
    if (wanted === null) return () => fromNobody;
    const target = bufferTarget(readElements(buf, "buf"), this.state.group);
    return () => {
      this.usable();
      const { runtime, context } = this.state;
      return this.received(runtime.messages.receive(context, wanted, target));
    };
  }
}
