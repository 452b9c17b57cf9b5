import { ArgumentError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";

/** What one rank tells the others before all go on; or why it cannot. */
export type Told<T> = { readonly told: T } | { readonly problem: string };

/**
 * Every rank tells all others something. Blocks.
 *
 * @returns what each rank told, in rank order
 * @throws {ArgumentError} on every rank, if one has a problem
 */
export function tellAll<T>(own: Told<T>): T[] {
  const all = MPI.COMM_WORLD.allgather(own);
  return all.map((one, rank) => {
    if ("told" in one) return one.told;
    throw new ArgumentError(`rank ${rank}: ${one.problem}`);
  });
}

/** @throws {ArgumentError} on every rank, with what each has, if they differ */
export function assertAlike(
  what: string,
  values: readonly string[],
  cure: string,
): void {
  if (values.every((value) => value === values[0])) return;
  const each = values.map((value, rank) => `rank ${rank}: ${value}`).join("; ");
  throw new ArgumentError(`${what} (${each}); ${cure}`);
}

/** The result, or the error as a problem: for `tellAll`. */
export function attempt<T>(body: () => T): Told<T> {
  try {
    return { told: body() };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
