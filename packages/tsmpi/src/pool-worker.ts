import { ProcessFailedError } from "@tsmpi/protocol";
import { serve } from "./futures/serve";
import { asWorker } from "./futures/shared-crew";

/** `tsrun -m futures`, the program of every rank but 0: runs what the pools of rank 0 send, until that one ends. */
async function main(): Promise<void> {
  // What belongs to the user's program stands where it would there. The program itself is not this process's.
  process.argv.splice(2, 1);
  const { MPI } = await import("@tsmpi/worker");
  const [comm, opening] = MPI.COMM_WORLD.Idup();
  try {
    await opening;
    await asWorker(true, () => serve(comm, 0, null));
  } catch (error) {
    const isMasterGone =
      error instanceof ProcessFailedError && error.failedRanks.includes(0);
    if (!isMasterGone) throw error;
  }
  // Whatever tasks have left behind.
  process.exit();
}

void main();
