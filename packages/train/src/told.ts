import {
  ArgumentError,
  errorFromWire,
  errorToWire,
  type TsmpiError,
  type WireError,
} from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";

/** What came of something that a rank did, before all go on. */
export type Outcome<T> = { readonly result: T } | { readonly error: unknown };

export function attempt<T>(body: () => T): Outcome<T> {
  try {
    return { result: body() };
  } catch (error) {
    return { error };
  }
}

export const settled = <T>(work: Promise<T>): Promise<Outcome<T>> =>
  work.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );

/**
 * Every rank tells all others what came of its part. Every rank calls it; blocks.
 *
 * @returns the results, in rank order
 * @throws {TsmpiError} on every rank, the error of the lowest rank that has one, which it names
 */
export function tellAll<T>(own: Outcome<T>): T[] {
  const comm = MPI.COMM_WORLD;
  const all = comm.allgather(forWire(own));
  return all.map((one, rank) => {
    if ("result" in one) return one.result;
    const { error } = one;
    const named = { ...error, message: `rank ${rank}: ${error.message}` };
    throw from(named, rank === comm.rank ? own : null);
  });
}

/**
 * Rank 0 does something, and all ranks get its result. Every rank calls it; blocks.
 *
 * @throws {TsmpiError} on every rank: rank 0's error
 */
export async function toldByRoot<T>(work: () => Promise<T>): Promise<T> {
  const comm = MPI.COMM_WORLD;
  const own = comm.rank === 0 ? await settled(work()) : null;
  const told = comm.bcast(own && forWire(own))!;
  if ("error" in told) throw from(told.error, own);
  return told.result;
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

const forWire = <T>(outcome: Outcome<T>) =>
  "error" in outcome ? { error: errorToWire(outcome.error) } : outcome;

/** On the rank where it arose, with what it was there. */
function from(wire: WireError, own: Outcome<unknown> | null): TsmpiError {
  const error = errorFromWire(wire);
  if (own !== null && "error" in own) error.cause = own.error;
  return error;
}
