import type { FrameHeader } from "@tsmpi/protocol";
import { type Message, MessageQueue } from "./message-queue";

/** What a call does with what its peers say of theirs. */
export interface CallListener {
  /** Whether a peer, who sent this header, makes the same call under the same number. */
  isSame(theirs: FrameHeader): boolean;
  /** It does not. */
  onMismatch(): void;
  /** A peer has waited for us and asks. */
  onInquiry(theirs: FrameHeader): void;
  /** A peer for whom we wait says what it does. */
  onAnswer(message: Message): void;
  /** A peer says that calls differ, and what its own is. */
  onReport(message: Message): void;
}

interface Watch {
  readonly sources: readonly number[];
  readonly reject: (error: Error) => void;
}

/** What arrives for one numbered call of a collective, source by source (world ranks). */
export class CallInbox {
  readonly #queues = new Map<number, MessageQueue>();
  /** What has arrived before this rank made the call. */
  readonly #early: Message[] = [];
  #listener: CallListener | null = null;
  #failure: Error | null = null;
  #watch: Watch | null = null;

  /** This rank makes the call. */
  begin(listener: CallListener): void {
    this.#listener = listener;
    for (const message of this.#early.splice(0)) this.deliver(message);
  }

  /** A message of another call is told of at once, even if nobody would ever have read it. */
  deliver(message: Message): void {
    const listener = this.#listener;
    if (listener === null) return void this.#early.push(message);
    const { header } = message;
    if (header.kind === "collective-answer") return listener.onAnswer(message);
    if (header.kind === "collective-report") return listener.onReport(message);
    if (!listener.isSame(header)) return listener.onMismatch();
    if (header.kind === "collective-inquiry") return listener.onInquiry(header);
    this.#queue(header.source).put(message);
  }

  receive(source: number): Promise<Message> {
    return this.#queue(source).take();
  }

  /** Rejects if the call fails, or if one of these sources is gone. Until `endWatch` they count as awaited. */
  watch(sources: readonly number[]): Promise<never> {
    return new Promise((_, reject) => {
      this.#watch = { sources, reject };
      if (this.#failure) reject(this.#failure);
      for (const source of sources) {
        const { failure } = this.#queue(source);
        if (failure) reject(failure);
      }
    });
  }
  endWatch(): void {
    this.#watch = null;
  }

  /** This source is gone: what waits for it rejects. */
  failSource(source: number, error: Error): void {
    this.#queue(source).fail(error);
    if (this.#watch?.sources.includes(source)) this.#watch.reject(error);
  }

  /** The whole call failed, here or elsewhere: everything that waits rejects, now and later. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const queue of this.#queues.values()) queue.fail(this.#failure);
    this.#watch?.reject(this.#failure);
  }

  get failure(): Error | null {
    return this.#failure;
  }

  /** Sources that somebody waits for right now. */
  get awaited(): number[] {
    const sources = [...this.#queues]
      .filter(([, queue]) => queue.isAwaited)
      .map(([source]) => source);
    return this.#watch ? [...this.#watch.sources] : sources;
  }

  #queue(source: number): MessageQueue {
    let queue = this.#queues.get(source);
    if (queue === undefined) {
      queue = new MessageQueue();
      if (this.#failure) queue.fail(this.#failure);
      this.#queues.set(source, queue);
    }
    return queue;
  }
}
