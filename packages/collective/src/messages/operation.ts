export type Outcome<Result = unknown> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: Error };

/** Something under way whose outcome comes later, once. */
export class Operation<Result = unknown> {
  #outcome: Outcome | null = null;
  #listeners: ((outcome: Outcome<never>) => void)[] | null = null;

  get outcome(): Outcome<Result> | null {
    return this.#outcome as Outcome<Result> | null;
  }

  /** Called at once if the outcome is there. */
  listen(listener: (outcome: Outcome<Result>) => void): void {
    if (this.#outcome) listener(this.#outcome as Outcome<Result>);
    else (this.#listeners ??= []).push(listener);
  }

  succeed(result: Result): void {
    this.#settle({ ok: true, result });
  }

  fail(error: Error): void {
    this.#settle({ ok: false, error });
  }

  /** The first outcome stays. */
  #settle(outcome: Outcome): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    for (const listener of this.#listeners ?? []) listener(outcome as never);
    this.#listeners = null;
  }
}
