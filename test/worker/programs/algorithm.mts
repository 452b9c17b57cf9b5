// All-reduces that are told their algorithm, call by call. Three ranks; rank 0 prints what came out, as JSON.
import { MPI } from "tsmpi";

const comm = MPI.COMM_WORLD;
const { rank, size } = comm;

/** Of sums whose order of ranks shows: in that of ranks 1e8 + 1 − 1e8 is 0, and 1 if rank 2 comes second. */
const sums = (algorithm?: "direct" | "ring" | "gather-root"): number[] => {
  const buffer = new Float32Array(size).fill([1e8, 1, -1e8][rank]!);
  if (algorithm === undefined) comm.Allreduce(MPI.IN_PLACE, buffer);
  else comm.Allreduce(MPI.IN_PLACE, buffer, { algorithm });
  return [...buffer];
};
const later = (): number[] => {
  const buffer = MPI.Alloc_mem(Float32Array, size);
  buffer.fill([1e8, 1, -1e8][rank]!);
  comm.Iallreduce(MPI.IN_PLACE, buffer, { algorithm: "ring" }).wait();
  return [...buffer];
};
const attempt = (algorithm: string): string => {
  try {
    sums(algorithm as "ring");
    return "none";
  } catch (error) {
    const { code, message } = error as Error & { code: string };
    return `${code} ${message.split("\n")[0]}`;
  }
};

const results = {
  auto: sums(),
  direct: sums("direct"),
  ring: sums("ring"),
  later: later(),
  gatherRoot: sums("gather-root"),
  unknown: attempt("rong"),
  differ: attempt(rank === 1 ? "ring" : "gather-root"),
  afterwards: sums("ring"),
};
const all = comm.allgather(JSON.stringify(results));
if (new Set(all).size !== 1) throw new Error(all.join("\n"));
if (rank === 0) console.log(all[0]);
