import type { KnownFunctions } from "./known-functions";
import type { PoolState } from "./pool-state";

/** Those who run the tasks of pools: other ranks, or this one. */
export interface Crew {
  readonly functions: KnownFunctions;
  /** How many workers live. */
  readonly size: number;
  /** From now on its tasks are run, those of several pools in turn. */
  join(pool: PoolState): void;
  /** It has no tasks any more. */
  part(pool: PoolState): void;
  /** There are new tasks. */
  deal(): void;
  /**
   * Resolves when all workers of the pool are there, and its initializer has returned on each.
   *
   * @throws {BrokenPoolError}
   */
  ready(pool: PoolState): Promise<void>;
}
