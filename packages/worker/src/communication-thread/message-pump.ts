import { HEADER_BYTES } from "@tsmpi/protocol";
import type { Mesh } from "@tsmpi/transport";
import type { Doorbell } from "../bridge/doorbell";
import {
  encodeEnded,
  encodeNotice,
  ENDED_BYTES,
  ENDED_RECORD,
  FRAME_RECORD,
  type Notice,
  NOTICE_RECORD,
} from "../bridge/notices";
import { CALL_RECORD } from "../bridge/plain-calls";
import type { Ring } from "../bridge/ring";

/** Frames to one rank leave together up to here: a message of the transport's costs more than a frame of ours. */
const BATCH_BYTES = 128 << 10;

interface Batch {
  readonly parts: Uint8Array[];
  bytes: number;
}

/** Reads a call, which is gone afterwards, and gives what begins it. */
type OnCall = (record: Uint8Array) => () => void;

type Record = readonly [number: number, bytes: Uint8Array];

/**
 * Carries messages between the rings of the main thread and the mesh, and calls from the one and their ends to the other. What
 * they mean is not its business.
 */
export class MessagePump {
  readonly #outgoing: Ring;
  readonly #incoming: Ring;
  readonly #bell: Doorbell;
  /** The main thread's event loop is to look into the ring. */
  readonly #wakeMain: () => void;
  readonly #onCall: OnCall;
  readonly #onError: (error: unknown) => void;
  readonly #batches = new Map<number, Batch>();
  /** What did not fit into the incoming ring, in order. */
  #overflow: Record[] = [];

  constructor({
    outgoing,
    incoming,
    bell,
    wakeMain,
    onCall,
    onError,
  }: {
    readonly outgoing: Ring;
    readonly incoming: Ring;
    readonly bell: Doorbell;
    readonly wakeMain: () => void;
    readonly onCall: OnCall;
    readonly onError: (error: unknown) => void;
  }) {
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    this.#bell = bell;
    this.#wakeMain = wakeMain;
    this.#onCall = onCall;
    this.#onError = onError;
  }

  /** Sends whatever the main thread has written, begins its calls, and gives it what waited for room. */
  pump(mesh: Mesh): void {
    this.#refill();
    let begin: (() => void) | null = null;
    const take = (dest: number, record: Uint8Array): void => {
      if (dest === CALL_RECORD) begin = this.#onCall(record);
      else this.#batch(mesh, dest, record);
    };
    do {
      while (this.#outgoing.read(take)) {
        if (begin === null) continue;
        // What was sent before the call goes before it.
        this.#flushAll(mesh);
        (begin as () => void)();
        begin = null;
      }
      this.#outgoing.takeWaitingWriter();
    } while (!this.#outgoing.sleepReader());
    this.#flushAll(mesh);
  }

  /** Resolves when there is something to pump: this thread sleeps until then, or works on other things. */
  awaken(): Promise<void> {
    return this.#outgoing.awaken();
  }

  /** A frame for the main thread. */
  deliver(head: Uint8Array, payload: Uint8Array): void {
    const record =
      payload.buffer === head.buffer &&
      payload.byteOffset === head.byteOffset + HEADER_BYTES
        ? head.subarray(0, HEADER_BYTES + payload.byteLength)
        : Buffer.concat([head.subarray(0, HEADER_BYTES), payload]);
    this.#tell(FRAME_RECORD, record);
  }

  /** The call with this number has ended well, and gives nothing. */
  end(id: number): void {
    const record = new Uint8Array(ENDED_BYTES);
    encodeEnded(record, id);
    this.#tell(ENDED_RECORD, record);
  }

  notify(notice: Notice): void {
    this.#tell(NOTICE_RECORD, encodeNotice(notice));
  }

  #tell(number: number, bytes: Uint8Array): void {
    if (this.#overflow.length > 0 || !this.#write(number, bytes)) {
      // What came in one message of the transport's would keep all of it.
      this.#overflow.push([number, Uint8Array.from(bytes)]);
      this.#incoming.awaitRoom();
    }
    this.#bell.ring();
    if (this.#bell.takeListener()) this.#wakeMain();
  }

  #write(number: number, bytes: Uint8Array): boolean {
    return this.#incoming.write(number, bytes.byteLength, (into) =>
      into.set(bytes),
    );
  }

  #refill(): void {
    const waiting = this.#overflow;
    let written = 0;
    while (written < waiting.length && this.#write(...waiting[written]!))
      written++;
    if (written === 0) return;
    this.#overflow = waiting.slice(written);
    if (this.#overflow.length > 0) this.#incoming.awaitRoom();
    this.#bell.ring();
    if (this.#bell.takeListener()) this.#wakeMain();
  }

  #batch(mesh: Mesh, dest: number, frame: Uint8Array): void {
    let batch = this.#batches.get(dest);
    if (batch && batch.bytes + frame.byteLength > BATCH_BYTES) {
      this.#flush(mesh, dest);
      batch = undefined;
    }
    if (batch === undefined) {
      batch = { parts: [], bytes: 0 };
      this.#batches.set(dest, batch);
    }
    batch.parts.push(Uint8Array.from(frame));
    batch.bytes += frame.byteLength;
  }

  #flushAll(mesh: Mesh): void {
    if (this.#batches.size === 0) return;
    for (const dest of [...this.#batches.keys()]) this.#flush(mesh, dest);
  }

  #flush(mesh: Mesh, dest: number): void {
    const { parts } = this.#batches.get(dest)!;
    this.#batches.delete(dest);
    mesh
      .sendEncoded(dest, Buffer.concat(parts), parts.length)
      .catch(this.#onError);
  }
}
