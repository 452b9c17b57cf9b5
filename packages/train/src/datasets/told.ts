import { errorFromWire, errorToWire, type WireError } from "@tsmpi/protocol";
import { MPI } from "@tsmpi/worker";

type Told<T> = { readonly told: T } | { readonly error: WireError };

async function attempt<T>(work: () => Promise<T>): Promise<Told<T>> {
  try {
    return { told: await work() };
  } catch (error) {
    return { error: errorToWire(error) };
  }
}

/** Rank 0 does something, and all ranks get its result, or its error. Every rank calls it. */
export async function toldByRoot<T>(work: () => Promise<T>): Promise<T> {
  const comm = MPI.COMM_WORLD;
  const told = comm.bcast(comm.rank === 0 ? await attempt(work) : null)!;
  if ("error" in told) throw errorFromWire(told.error);
  return told.told;
}

/** Each rank does something, and all get the results, in rank order; or the error of one. Every rank calls it. */
export async function onAll<T>(work: () => Promise<T>): Promise<T[]> {
  const all = MPI.COMM_WORLD.allgather(await attempt(work));
  return all.map((one) => {
    if ("error" in one) throw errorFromWire(one.error);
    return one.told;
  });
}
