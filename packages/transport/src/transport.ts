import type { Log } from "@tsmpi/protocol";
import type { Ports } from "./addresses/bind";
import type { Credentials } from "./security/credentials";

/** Moves bytes between two ranks, and knows nothing of what they mean. One implementation a file; `transports.ts` lists them. */
export interface Transport {
  /** Opens this rank's inbox: every peer's messages arrive in it, those of one peer in the order they were sent. */
  listen(options: ListenOptions): Promise<Inbox>;
  /** Opens a link to the inbox at `endpoint`. Returns at once; what is sent before the peer answers waits. */
  connect(endpoint: string, options: ConnectOptions): Link;
}

export interface ListenOptions {
  /** Whose inbox it is. */
  readonly rank: number;
  /** The address to listen on; loopback for a job on one host. Ignored by transports without addresses. */
  readonly host: string;
  /** Ignored by transports without ports. */
  readonly ports: Ports;
  /** What peers must show before anything of theirs is read. */
  readonly credentials: Credentials;
  /**
   * Called with each message, in order. `header` and `payload` belong to the receiver from then on.
   * A message of one part has no payload: null.
   */
  readonly onMessage: (header: Uint8Array, payload: Uint8Array | null) => void;
  readonly log: Log;
}

export interface ConnectOptions {
  readonly rank: number;
  /** Whose inbox it is. */
  readonly dest: number;
  readonly credentials: Credentials;
  /** How long the peer may take to answer. */
  readonly connectTimeoutMs: number;
  /** It has not: says why. Not called by transports that reach the ranks of one host only. */
  readonly onUnreachable: (why: string) => void;
}

export interface Inbox {
  /** What a peer hands to `connect`. */
  readonly endpoint: string;
  close(): void;
}

export interface Link {
  /**
   * Queues one message of one or two parts, each of at most `MOST_DATA_BYTES`. Both are read from where they lie until the receiver has them, in memory of its own.
   * Resolves when the transport has taken the message; rejects once the link is closed.
   */
  send(header: Uint8Array, payload: Uint8Array | null): Promise<void>;
  /** Drops what is queued. */
  close(): void;
}
