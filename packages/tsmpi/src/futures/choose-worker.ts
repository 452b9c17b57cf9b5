/** What a worker has to do already. */
export interface Load {
  readonly tasks: number;
  /** How long that will take, about. */
  readonly expectedMs: number;
  /** It has a task that was lost with another worker. */
  readonly isUnderSuspicion: boolean;
}

/** What is known of a task before it is run. */
export interface Expectation {
  /** null: nothing. */
  readonly expectedMs: number | null;
  /** It may wait on a worker behind others. A task that must not be begun twice, or has lost a worker already, may not. */
  readonly mayQueue: boolean;
}

/** Short tasks are sent ahead, so that a worker need not wait for a message between them: so many, and no more than this takes. */
export const MOST_AHEAD = 16;
export const AHEAD_MS = 2;

/**
 * The worker that gets a task now, the one with the least to do; null if it is better kept until one is free: a task that is
 * with a worker cannot be given to another any more.
 */
export function chooseWorker(
  loads: readonly Load[],
  { expectedMs, mayQueue }: Expectation,
): number | null {
  let best: number | null = null;
  loads.forEach((load, index) => {
    const hasRoom =
      load.tasks === 0 ||
      (mayQueue &&
        !load.isUnderSuspicion &&
        load.tasks < MOST_AHEAD &&
        expectedMs !== null &&
        load.expectedMs + expectedMs <= AHEAD_MS);
    if (hasRoom && (best === null || load.tasks < loads[best]!.tasks))
      best = index;
  });
  return best;
}
