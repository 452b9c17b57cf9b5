// Rank `who` fails `how`; the others see it, shrink and go on.
import { setTimeout as sleep } from "node:timers/promises";
import { MPI, ProcessFailedError } from "../../../packages/tsmpi/dist/index.js";

const [who, how] = [Number(process.argv[2]), process.argv[3]];
const comm = MPI.COMM_WORLD;
comm.Barrier();

if (comm.rank === who) {
  // The others have their messages of the barrier by then.
  await sleep(200);
  if (how === "kill") process.kill(process.pid, "SIGKILL");
  if (how === "exit") process.exit(7);
  if (how === "throw") throw new Error("boom");
  if (how === "hang") {
    process.on("exit", () => {
      for (;;);
    });
    throw new Error("boom, and no end");
  }
}
try {
  comm.recv(who);
} catch (error) {
  if (!(error instanceof ProcessFailedError)) throw error;
  console.log(
    `rank ${comm.rank}: ${error.failedRanks.join()} ${error.message}`,
  );
}
const rest = comm.Shrink();
console.log(`rank ${comm.rank}: ${rest.allreduce(1)} left`);
if (comm.rank === 0 && process.argv[4]) process.exit(Number(process.argv[4]));
