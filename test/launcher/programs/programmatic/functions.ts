// What runRanks calls in the ranks.
import { MPI } from "tsmpi";

export async function sum(list: number[], scale: Float32Array) {
  await Promise.resolve();
  const total = MPI.COMM_WORLD.allreduce(list.reduce((a, b) => a + b));
  return {
    rank: MPI.COMM_WORLD.rank,
    total,
    scaled: scale.map((x) => 2 * x),
    when: new Date(0),
    nothing: undefined,
  };
}

export function fail(): void {
  if (MPI.COMM_WORLD.rank === 1) throw new TypeError("this is wrong");
  MPI.COMM_WORLD.barrier();
}

export const unsendable = () => ({ f: () => 1 });

export function leave(): void {
  process.exit(3);
}

export function mismatch(): void {
  MPI.COMM_WORLD.bcast(1, MPI.COMM_WORLD.size);
}
