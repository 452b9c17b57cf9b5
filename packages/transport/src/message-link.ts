/** Carries whole messages in order between a launcher and one agent. */
export interface MessageLink {
  /** What is sent after the end is dropped. */
  send(message: Uint8Array): void;
  /** Both come later than the call. */
  listen(on: LinkListener): void;
  /** Resolves when nothing of it is left open. */
  close(): Promise<void>;
}

export interface LinkListener {
  readonly message: (bytes: Uint8Array) => void;
  /** With a sentence for people, the first of which counts; also after `close`. */
  readonly end: (why: string) => void;
}
