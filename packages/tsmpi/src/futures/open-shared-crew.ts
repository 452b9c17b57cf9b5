import { RemoteCrew } from "./remote-crew";
import { shareCrew } from "./shared-crew";

/**
 * `tsrun -m futures`, rank 0, before the program: blocks until all ranks have found each other; from then on the others serve all
 * pools of this process, over a communicator of their own.
 */
export function openSharedCrew(): void {
  const { MPI } =
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only this job needs it before its program
    require("@tsmpi/worker") as typeof import("@tsmpi/worker");
  const world = MPI.COMM_WORLD;
  const ranks = Array.from({ length: world.size }, (_, rank) => rank);
  const [comm, opening] = world.Idup();
  shareCrew(
    new RemoteCrew(comm, { ranks: ranks.slice(1), opening: () => opening }),
  );
}
