import type { Log } from "@tsmpi/protocol";

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
  /** The secret that peers must show before anything of theirs is read. */
  readonly jobKey: string;
  /**
   * Called with each message, in order. `header` and `payload` belong to the receiver from then on.
   * A message of one part has no payload: null.
   */
  readonly onMessage: (header: Uint8Array, payload: Uint8Array | null) => void;
  readonly log: Log;
}

export interface ConnectOptions {
  readonly rank: number;
  readonly jobKey: string;
}

export interface Inbox {
  /** What a peer hands to `connect`. */
  readonly endpoint: string;
  close(): void;
}

export interface Link {
  /**
   * Queues one message of one or two parts. Both are read from where they lie until the receiver has them, in memory of its own.
   * Resolves when the transport has taken the message; rejects once the link is closed.
   */
  send(header: Uint8Array, payload: Uint8Array | null): Promise<void>;
  /** Drops what is queued. */
  close(): void;
}
