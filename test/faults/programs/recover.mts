// Ranks other than 0 are killed at random moments of SEED's; those that are left shrink and go on: SEED=1 npx tsrun -n 5 --recovery test/faults/programs/recover.mts
import { Worker } from "node:worker_threads";
import { MPI } from "tsmpi";
import { random } from "../../support/random.ts";

const RUN_MS = 1_500;
const VICTIMS = 0.6;

const world = MPI.COMM_WORLD;
const next = random(Number(process.env.SEED));
/** By rank, the same on all: when it dies, null for never. */
const deaths = Array.from({ length: world.size }, (_, rank) =>
  next() < VICTIMS && rank > 0 ? 10 + next() * 400 : null,
);
const victims = deaths.filter((death) => death !== null).length;
const ownDeathMs = deaths[world.rank];
if (ownDeathMs !== null)
  // From another thread: this one may be blocked in a call.
  new Worker(
    `setTimeout(() => process.kill(process.pid, "SIGKILL"), ${ownDeathMs})`,
    { eval: true },
  ).unref();

let comm = world.Dup();
let calls = 0;
let recoveries = 0;
const floats = new Float32Array(100_000);

const CALLS: readonly (() => void)[] = [
  () => comm.allreduce(1),
  () => comm.Bcast(floats, calls % comm.size),
  () => {
    const { rank, size } = comm;
    const received = comm.irecv((rank + size - 1) % size);
    const sent = comm.isend(floats, (rank + 1) % size);
    MPI.Request.waitall([received, sent]);
  },
  () => comm.alltoall(Array.from({ length: comm.size }, () => calls)),
  () => comm.Allreduce(MPI.IN_PLACE, floats),
  () => comm.iallreduce(calls).wait(),
];

/** Whether `body` ends well; false if it is because a rank is gone. */
function endsWell(body: () => void): boolean {
  try {
    body();
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ERR_PROC_FAILED" || code === "ERR_REVOKED") return false;
    throw error;
  }
}

/** All that live agree on who they are, and on the call to go on with. */
function recover(): void {
  recoveries++;
  comm.Revoke();
  comm = comm.Shrink();
  calls = comm.allreduce(calls, MPI.MAX);
}

const startMs = performance.now();
let goesOn = true;
while (goesOn) {
  const isWell = endsWell(() => {
    CALLS[calls++ % CALLS.length]!();
    // All stop at the same call.
    goesOn = comm.allreduce(performance.now() - startMs < RUN_MS, MPI.LAND);
  });
  if (!isWell) while (!endsWell(recover));
}
if (comm.rank === 0)
  console.log(JSON.stringify({ victims, left: comm.size, recoveries, calls }));
