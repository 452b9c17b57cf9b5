import { CheckpointError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";

/**
 * Does something with the disk, on rank 0, and gives all ranks the result. Every rank calls it.
 *
 * @throws {CheckpointError} on every rank, if it failed
 */
export async function toldByRoot<T>(work: () => Promise<T>): Promise<T> {
  const comm = MPI.COMM_WORLD;
  let own: { result: T } | { problem: string } | null = null;
  let cause: unknown;
  if (comm.rank === 0)
    try {
      own = { result: await work() };
    } catch (error) {
      cause = error;
      own = { problem: (error as Error).message };
    }
  const told = comm.bcast(own)!;
  if ("problem" in told) throw new CheckpointError(told.problem, { cause });
  return told.result;
}
