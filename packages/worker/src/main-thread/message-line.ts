import { MessageEndpoint, type PostFrame } from "@tsmpi/collective";
import {
  decodeHeader,
  encodeHeader,
  errorFromWire,
  HEADER_BYTES,
  InternalError,
} from "@tsmpi/protocol";
import {
  decodeEnded,
  decodeNotice,
  ENDED_RECORD,
  FRAME_RECORD,
} from "../bridge/notices";
import {
  CALL_RECORD,
  encodePlainCall,
  PLAIN_CALL_BYTES,
  type PlainCall,
} from "../bridge/plain-calls";
import type { Ring } from "../bridge/ring";

/** How long a full ring is waited for before looking whether its reader still lives. */
const TURN_MS = 100;

/**
 * The main thread's messages: their endpoint, and the rings that carry its frames from and to the communication thread. Calls
 * that are short to say go the same way.
 */
export class MessageLine {
  readonly endpoint: MessageEndpoint;
  readonly #rank: number;
  readonly #outgoing: Ring;
  readonly #incoming: Ring;
  readonly #refill: () => void;
  readonly #onEnded: (id: number) => void;
  readonly #isBroken: () => boolean;

  constructor({
    rank,
    size,
    outgoing,
    incoming,
    refill,
    onEnded,
    isBroken,
  }: {
    readonly rank: number;
    readonly size: number;
    readonly outgoing: Ring;
    readonly incoming: Ring;
    /** Tells the communication thread that there is room in the incoming ring. */
    readonly refill: () => void;
    /** The call with this number has ended well, and gives nothing. */
    readonly onEnded: (id: number) => void;
    readonly isBroken: () => boolean;
  }) {
    this.#rank = rank;
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    this.#refill = refill;
    this.#onEnded = onEnded;
    this.#isBroken = isBroken;
    this.endpoint = new MessageEndpoint({ rank, size, post: this.#post });
  }

  /** Takes in what has arrived, without waiting. */
  progress(): void {
    while (this.#incoming.read(this.#take));
    if (this.#incoming.takeWaitingWriter()) this.#refill();
  }

  /** Hands a call to the communication thread, behind the messages that were sent before. */
  begin(call: PlainCall): void {
    this.#write(CALL_RECORD, PLAIN_CALL_BYTES, (record) =>
      encodePlainCall(record, call),
    );
  }

  readonly #take = (kind: number, record: Uint8Array): void => {
    if (kind === ENDED_RECORD) return this.#onEnded(decodeEnded(record));
    if (kind === FRAME_RECORD) {
      const header = decodeHeader(record)!;
      this.endpoint.deliver(header, record.subarray(HEADER_BYTES));
      return;
    }
    const { rank, error, inOrder } = decodeNotice(record);
    this.endpoint.failSource(rank, { error: errorFromWire(error), inOrder });
  };

  readonly #post: PostFrame = (dest, header, payload) => {
    this.#write(dest, HEADER_BYTES + payload.byteLength, (record) => {
      encodeHeader(record, {
        ...header,
        source: this.#rank,
        payloadBytes: payload.byteLength,
      });
      record.set(payload, HEADER_BYTES);
    });
  };

  #write(
    number: number,
    length: number,
    fill: (record: Uint8Array) => void,
  ): void {
    const outgoing = this.#outgoing;
    while (!outgoing.write(number, length, fill)) {
      outgoing.awaitRoom();
      if (outgoing.write(number, length, fill)) break;
      outgoing.wakeReader();
      if (this.#isBroken())
        throw new InternalError("the communication thread ended");
      outgoing.sleepWriter(TURN_MS);
    }
    outgoing.wakeReader();
  }
}
