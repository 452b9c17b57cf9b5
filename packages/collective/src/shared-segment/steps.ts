/** Until the word with this index, of the memory seen as Int32Array, does not hold this value any more. */
export interface Waiting {
  readonly index: number;
  readonly value: number;
}

/**
 * Work in shared memory that waits for other ranks now and then: it yields what it waits for, and is resumed when that has
 * changed, or may have. Whoever drives it decides how to wait; the object it yields is the same each time.
 */
export type Steps<Result> = Generator<Waiting, Result, void>;
