import { MPI } from "@tsmpi/worker";
import type { Spoken } from "../benchmark";

/** As in mpi4py.bench. Rank 0 speaks for all: what ranks print themselves comes in any order. */
export const helloworld: Spoken = {
  kind: "spoken",
  summary: "each rank and its host, in order",
  run(world) {
    const { rank, size } = world;
    const number = String(rank).padStart(String(size - 1).length);
    const hello = `Hello, World! I am process ${number} of ${size} on ${MPI.Get_processor_name()}.`;
    return world.gather(hello)?.join("\n") ?? "";
  },
};
