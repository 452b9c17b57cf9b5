import { BrokenPoolError } from "@tsmpi/protocol";
import { type Thrown, thrownFromWire } from "./task-error";

/** What a pool raises from then on; `cause` is what the initializer threw. */
export function initializerFailed(
  thrown: Thrown,
  rank: number,
): BrokenPoolError {
  const cause = thrownFromWire(thrown);
  return new BrokenPoolError(
    `the initializer of the pool failed on rank ${rank}: ${cause.name}: ${cause.message}`,
    { cause },
  );
}
