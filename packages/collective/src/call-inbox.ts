import type { FrameHeader } from "@tsmpi/protocol";
import { type Message, MessageQueue } from "./message-queue";

/** The error if a peer's call is not the one that this rank makes under the same number; null if it is. */
export type Compare = (theirs: FrameHeader) => Error | null;

/** What arrives for one numbered call of a collective, source by source (world ranks). */
export class CallInbox {
  readonly #queues = new Map<number, MessageQueue>();
  /** What has arrived before this rank made the call. */
  readonly #early: Message[] = [];
  #compare: Compare | null = null;
  #failure: Error | null = null;

  /** This rank makes the call. */
  begin(compare: Compare): void {
    this.#compare = compare;
    for (const message of this.#early.splice(0)) this.deliver(message);
  }

  /** A message of another call fails this one at once, even if nobody would ever have read it. */
  deliver(message: Message): void {
    if (this.#compare === null) return void this.#early.push(message);
    const mismatch = this.#compare(message.header);
    if (mismatch) this.fail(mismatch);
    else if (message.header.kind === "collective")
      this.#queue(message.header.source).put(message);
  }

  receive(source: number): Promise<Message> {
    return this.#queue(source).take();
  }

  /** This source is gone: what waits for it rejects. */
  failSource(source: number, error: Error): void {
    this.#queue(source).fail(error);
  }

  /** The whole call failed, here or elsewhere: everything that waits rejects, now and later. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const queue of this.#queues.values()) queue.fail(this.#failure);
  }

  get failure(): Error | null {
    return this.#failure;
  }

  /** Sources that somebody waits for right now. */
  get awaited(): number[] {
    return [...this.#queues]
      .filter(([, queue]) => queue.isAwaited)
      .map(([source]) => source);
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
