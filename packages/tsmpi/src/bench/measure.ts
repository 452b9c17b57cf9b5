import type { Compression } from "@tsmpi/collective";
import { InternalError } from "@tsmpi/protocol";
import { type Intracomm, MPI } from "@tsmpi/worker";
import type { Prepared } from "./benchmark";
import { reset, verify } from "./checked";

/** One way to run what is measured: a communicator that is told to use this algorithm; or what goes over the wire. */
export interface Way {
  readonly algorithm: string;
  readonly comm: Intracomm;
  readonly compression: Compression | null;
}

export interface Rounds {
  readonly warmup: number;
  readonly iterations: number;
  /** What is measured, for an error. */
  readonly title: string;
}

/**
 * Runs each way so often, in turns, so that what else the machine does falls on all of them alike. Each run begins behind a
 * barrier and takes as long as on its slowest rank: a collective has ended when it has ended everywhere.
 *
 * @returns for each way, in milliseconds, the time of each run
 * @throws {InternalError} a result is wrong; names way, size and element
 */
export function measure(
  world: Intracomm,
  { buffers, run, mostError }: Prepared,
  ways: readonly Way[],
  { warmup, iterations, title }: Rounds,
): Float64Array[] {
  const times = ways.map(() => new Float64Array(iterations));
  for (let round = -warmup; round < iterations; round++)
    ways.forEach(({ algorithm, comm, compression }, way) => {
      reset(buffers);
      world.Barrier();
      const startMs = performance.now();
      run(comm, compression);
      const ownMs = performance.now() - startMs;
      const difference = verify(
        buffers,
        compression === null ? 0 : mostError?.(compression),
      );
      if (difference !== null)
        throw new InternalError(
          `[rank ${world.rank}] ${title} by ${compression ?? algorithm}, run ${round + warmup}: ${difference}`,
        );
      if (round >= 0) times[way]![round] = ownMs;
    });
  for (const ofWay of times) world.Allreduce(MPI.IN_PLACE, ofWay, MPI.MAX);
  return times;
}
