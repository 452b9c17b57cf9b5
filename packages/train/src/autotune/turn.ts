/** Updates of others without one of its own, after which a tuning that has begun and not ended is given up. */
export const PATIENCE = 50;

/**
 * Of several trainings in one program one is tuned at a time: where two optimizers take turns, the steps of one are in the time
 * of the other. Counts steps only, so that it is the same on every rank.
 */
export class Turn<Of extends object> {
  #owner: Of | null = null;
  #idle = 0;

  /** One of them makes a step. @returns whether it is the one that is tuned now */
  isOf(one: Of): boolean {
    if (this.#owner !== one && ++this.#idle > PATIENCE) this.#owner = null;
    this.#owner ??= one;
    if (this.#owner !== one) return false;
    this.#idle = 0;
    return true;
  }

  end(one: Of): void {
    if (this.#owner === one) this.#owner = null;
  }
}
