/** A JavaScript Set holds at most 2^24 values. */
const MOST_OF_A_SET = 1 << 23;

/** A set of values of any number. */
export class KeySet {
  readonly #sets: Set<unknown>[] = [new Set()];

  /** @returns false: it was there */
  add(value: unknown): boolean {
    if (this.#sets.some((set) => set.has(value))) return false;
    let last = this.#sets.at(-1)!;
    if (last.size === MOST_OF_A_SET) this.#sets.push((last = new Set()));
    last.add(value);
    return true;
  }
}
