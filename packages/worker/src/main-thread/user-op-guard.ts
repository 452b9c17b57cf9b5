import { OpError } from "@tsmpi/protocol";

let depth = 0;

/** Whether a reduce function of the user's is running on this thread: it must not communicate, its peers are inside the reduction. */
export const isInsideUserOp = (): boolean => depth > 0;

/**
 * Runs a reduce function of the user's.
 *
 * @throws {OpError} it is async
 */
export function insideUserOp<T>(run: () => T): T {
  depth++;
  try {
    const result = run();
    if (result instanceof Promise)
      throw new OpError(
        "a reduce function must return its result, not a promise of it",
      );
    return result;
  } finally {
    depth--;
  }
}

/** @throws {OpError} a reduce function tries to communicate */
export function assertOutsideUserOp(): void {
  if (isInsideUserOp())
    throw new OpError(
      "a reduce function may not communicate: the other ranks are inside the reduction too",
    );
}
