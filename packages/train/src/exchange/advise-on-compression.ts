import { MPI, type WantedCompression } from "@tsmpi/worker";
import { warn } from "../log";

let isSaid = false;

/** Says once, on rank 0, that compression costs time where there is no wire. */
export function adviseOnCompression(compression: WantedCompression): void {
  const world = MPI.COMM_WORLD;
  if (isSaid || compression === "none") return;
  if (world.rank > 0 || world.size === 1 || !world.sharesMemory) return;
  isSaid = true;
  warn(
    `compression ${compression} is for networks, and all ranks share memory: it makes their gradients pass sockets, which is slower; leave it out`,
  );
}
