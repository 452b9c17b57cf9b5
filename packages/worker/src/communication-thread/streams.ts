import {
  type CoordinatorMessage,
  errorFromWire,
  type RankMessage,
} from "@tsmpi/protocol";
import { IncomingStreams } from "./incoming-streams";
import { OutgoingStreams } from "./outgoing-streams";

type StreamMessage = Extract<CoordinatorMessage, { readonly stream: string }>;

/** Both ends of the coordinator's streams. */
export class Streams {
  readonly outgoing: OutgoingStreams;
  readonly incoming: IncomingStreams;

  constructor(
    send: (message: RankMessage, payload?: Uint8Array) => Promise<void>,
  ) {
    this.outgoing = new OutgoingStreams(send);
    this.incoming = new IncomingStreams(send);
  }

  accept(message: StreamMessage, payload: Uint8Array | null): void {
    const { stream } = message;
    switch (message.type) {
      case "stream-piece":
        return this.incoming.put(stream, {
          bytes: payload!,
          more: message.more,
        });
      case "stream-end":
        return this.incoming.end(
          stream,
          message.error && errorFromWire(message.error),
        );
      case "stream-credit":
        return this.outgoing.credit(stream, message.dest, message.pieces);
      case "stream-stopped":
        this.outgoing.stop(stream, message.dest);
        return this.incoming.stopped(stream);
    }
  }

  /** A rank is lost: no stream can be completed. */
  fail(error: Error): void {
    this.outgoing.fail(error);
    this.incoming.fail(error);
  }
}
