import type { RankFuture } from "./rank-future";

interface Task {
  readonly future: Pick<RankFuture<unknown>, "cancelled">;
}

/** Tasks in the order of their submission. Those that have been cancelled are not there any more. */
export class TaskQueue<T extends Task> {
  #tasks: (T | null)[] = [];
  #head = 0;

  push(task: T): void {
    this.#tasks.push(task);
  }

  /** Before all others: they have waited the longest. */
  putBack(tasks: readonly T[]): void {
    this.#tasks = [...tasks, ...this.#tasks.slice(this.#head)];
    this.#head = 0;
  }

  /** The next one; it stays. */
  peek(): T | null {
    while (this.#tasks[this.#head]?.future.cancelled()) this.#advance();
    return this.#tasks[this.#head] ?? null;
  }

  take(): T | null {
    const task = this.peek();
    if (task) this.#advance();
    return task;
  }

  takeAll(): T[] {
    const all: T[] = [];
    for (let task = this.take(); task !== null; task = this.take())
      all.push(task);
    return all;
  }

  #advance(): void {
    this.#tasks[this.#head++] = null;
    if (this.#head < MOST_TAKEN || this.#head * 2 < this.#tasks.length) return;
    this.#tasks = this.#tasks.slice(this.#head);
    this.#head = 0;
  }
}

/** So many places of tasks that have been taken are kept before the list is copied. */
const MOST_TAKEN = 1_024;
