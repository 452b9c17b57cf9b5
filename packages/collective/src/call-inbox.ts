import { type Message, MessageQueue } from "./message-queue";

/** What arrives for one numbered call of a collective, source by source (world ranks). */
export class CallInbox {
  readonly #queues = new Map<number, MessageQueue>();
  #failure: Error | null = null;

  deliver(message: Message): void {
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
