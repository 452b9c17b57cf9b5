import { MPI } from "@tsmpi/worker";

/** Lengths of the sums of the current step, in order; null outside of a step. */
let recorded: number[] | null = null;

/**
 * Sums `values` over all ranks within a training step. Blocks. For layers whose forward or backward pass needs all ranks: a
 * rank that is out of data joins these sums with zeros.
 *
 * @returns a new array of the same length, with the same bits on every rank
 */
export function sumOverRanks(values: Float32Array): Float32Array {
  recorded?.push(values.length);
  const sums = MPI.Alloc_mem(Float32Array, values.length);
  try {
    sums.set(values);
    MPI.COMM_WORLD.Allreduce(MPI.IN_PLACE, sums);
    return sums.slice();
  } finally {
    MPI.Free_mem(sums);
  }
}

/** Runs a step and tells which sums it took part in. */
export function recordSums<T>(step: () => T): {
  readonly result: T;
  readonly sums: readonly number[];
} {
  const outer = recorded;
  const sums: number[] = (recorded = []);
  try {
    return { result: step(), sums };
  } finally {
    recorded = outer;
  }
}

/** Takes part in the sums of a step of the other ranks, with zeros. */
export function replaySums(lengths: readonly number[]): void {
  for (const length of lengths) sumOverRanks(new Float32Array(length));
}
