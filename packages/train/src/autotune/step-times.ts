/** Steps of a trial that are not measured: buffers are made, and what was compiled for others is compiled anew. */
export const SETTLING_STEPS = 1;
/** Before the first trial, in place of those: the engine compiles, and memory is touched for the first time. */
export const FIRST_STEPS = 5;
export const MEASURED_STEPS = 4;

/** The times of one trial's steps on this rank, each from one update to the next: with what the program does in between. */
export class StepTimes {
  readonly #measured: number[] = [];
  #settling: number;
  #lastMs: number;

  /** @param settling steps that do not count */
  constructor(settling: number, nowMs: number) {
    this.#settling = settling;
    this.#lastMs = nowMs;
  }

  /** An update is over. */
  lap(nowMs: number): void {
    if (this.#settling > 0) this.#settling--;
    else this.#measured.push(nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }

  get isFull(): boolean {
    return this.#measured.length >= MEASURED_STEPS;
  }

  get measured(): readonly number[] {
    return this.#measured;
  }
}

/**
 * Median over the steps, of each the time of the slowest rank: that is how long the job takes for it.
 *
 * @param times of each rank, of the same steps
 */
export function slowestMedian(times: readonly (readonly number[])[]): number {
  const slowest = times[0]!
    .map((_, step) => Math.max(...times.map((rank) => rank[step]!)))
    .sort((a, b) => a - b);
  const middle = (slowest.length - 1) / 2;
  return (slowest[Math.floor(middle)]! + slowest[Math.ceil(middle)]!) / 2;
}
