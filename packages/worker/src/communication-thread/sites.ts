/** The main thread answers when it is in a call of ours, or in its event loop; it may be computing. */
const ANSWER_MS = 2_000;

/** Asks the main thread where in the user's program a call was made. */
export class Sites {
  readonly #ask: (id: number) => void;
  readonly #waiting = new Map<number, (site: string | null) => void>();

  constructor(ask: (id: number) => void) {
    this.#ask = ask;
  }

  /** `train.ts:12:8`; null if the main thread does not say. */
  ask(id: number): Promise<string | null> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      setTimeout(() => this.answer(id, null), ANSWER_MS).unref();
      this.#ask(id);
    });
  }

  answer(id: number, site: string | null): void {
    this.#waiting.get(id)?.(site);
    this.#waiting.delete(id);
  }
}
