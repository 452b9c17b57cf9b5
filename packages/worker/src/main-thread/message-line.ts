import { MessageEndpoint, type PostFrame } from "@tsmpi/collective";
import {
  decodeHeader,
  encodeHeader,
  errorFromWire,
  HEADER_BYTES,
  InternalError,
} from "@tsmpi/protocol";
import { decodeNotice, FRAME_RECORD } from "../bridge/notices";
import type { Ring } from "../bridge/ring";

/** How long a full ring is waited for before looking whether its reader still lives. */
const TURN_MS = 100;

/** The main thread's messages: their endpoint, and the rings that carry its frames from and to the communication thread. */
export class MessageLine {
  readonly endpoint: MessageEndpoint;
  readonly #rank: number;
  readonly #outgoing: Ring;
  readonly #incoming: Ring;
  readonly #wake: () => void;
  readonly #isBroken: () => boolean;

  constructor({
    rank,
    size,
    outgoing,
    incoming,
    wake,
    isBroken,
  }: {
    readonly rank: number;
    readonly size: number;
    readonly outgoing: Ring;
    readonly incoming: Ring;
    /** Makes the communication thread look into the rings. */
    readonly wake: () => void;
    readonly isBroken: () => boolean;
  }) {
    this.#rank = rank;
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    this.#wake = wake;
    this.#isBroken = isBroken;
    this.endpoint = new MessageEndpoint({ rank, size, post: this.#post });
  }

  /** Takes in what has arrived, without waiting. */
  progress(): void {
    while (this.#incoming.read(this.#take));
    if (this.#incoming.takeWaitingWriter()) this.#wake();
  }

  readonly #take = (kind: number, record: Uint8Array): void => {
    if (kind === FRAME_RECORD) {
      const header = decodeHeader(record)!;
      this.endpoint.deliver(header, record.subarray(HEADER_BYTES));
      return;
    }
    const { rank, error, inOrder } = decodeNotice(record);
    this.endpoint.failSource(rank, { error: errorFromWire(error), inOrder });
  };

  readonly #post: PostFrame = (dest, header, payload) => {
    const write = (): boolean =>
      this.#outgoing.write(
        dest,
        HEADER_BYTES + payload.byteLength,
        (record) => {
          encodeHeader(record, {
            ...header,
            source: this.#rank,
            payloadBytes: payload.byteLength,
          });
          record.set(payload, HEADER_BYTES);
        },
      );
    while (!write()) {
      this.#outgoing.awaitRoom();
      if (write()) break;
      if (this.#outgoing.takeSleepingReader()) this.#wake();
      if (this.#isBroken())
        throw new InternalError("the communication thread ended");
      this.#outgoing.sleepWriter(TURN_MS);
    }
    if (this.#outgoing.takeSleepingReader()) this.#wake();
  };
}
