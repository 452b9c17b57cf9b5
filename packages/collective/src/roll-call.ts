import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, decodeAnswer } from "./answer";
import type { Message } from "./message-queue";

/** How long a rank waits for answers before it says who is missing. */
const ANSWER_MS = 250;

/** Finds out which ranks a call waits for: asks all, and listens for a moment. */
export class RollCall {
  readonly #group: readonly number[];
  readonly #rank: number;
  readonly #ask: (worlds: readonly number[]) => void;
  /** World rank → what it last said it does. */
  readonly #answers = new Map<number, Answer>();

  /** @param ask sends these world ranks an inquiry */
  constructor(
    {
      group,
      rank,
    }: { readonly group: readonly number[]; readonly rank: number },
    ask: (worlds: readonly number[]) => void,
  ) {
    this.#group = group;
    this.#rank = rank;
    this.#ask = ask;
  }

  answer({ header, payload }: Message): void {
    const answer = decodeAnswer(payload);
    if (answer) this.#answers.set(header.source, answer);
  }

  /** Not whom this rank waits for, who may wait itself, but whoever is not in the call. @param awaited world ranks, now */
  async whoIsMissing(awaited: () => readonly number[]): Promise<string> {
    const others = this.#group.filter((_, peer) => peer !== this.#rank);
    this.#answers.clear();
    this.#ask(others);
    const deadlineMs = performance.now() + ANSWER_MS;
    while (this.#answers.size < others.length && performance.now() < deadlineMs)
      await sleep(ANSWER_MS / 25);
    const missing = others.filter(
      (world) => !this.#answers.get(world)?.isThere,
    );
    return missing.length > 0
      ? `${this.#words(missing)}; the call waits for it`
      : `all ranks are in the call; this one waits for ${this.#words(awaited())}`;
  }

  #words(worlds: readonly number[]): string {
    return worlds
      .map(
        (world) =>
          `rank ${this.#group.indexOf(world)} ${this.#answers.get(world)?.text ?? "is not heard from"}`,
      )
      .join("; ");
  }
}
