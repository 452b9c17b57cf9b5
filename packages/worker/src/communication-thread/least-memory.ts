const WINDOW_MS = 10_000;

/** The least resident memory of each window: between two garbage collections memory always grows. */
export class LeastMemory {
  #sinceMs: number;
  #leastBytes = Infinity;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** @returns the least of a window, when it is over */
  observe(residentBytes: number, nowMs: number): number | null {
    this.#leastBytes = Math.min(this.#leastBytes, residentBytes);
    if (nowMs - this.#sinceMs < WINDOW_MS) return null;
    const least = this.#leastBytes;
    this.#sinceMs = nowMs;
    this.#leastBytes = Infinity;
    return least;
  }
}
