// The last thing that these ranks do is not the same: rank 0 broadcasts, and is through before
// the others, who wait for the file that it then leaves, begin to reduce.
import { existsSync, writeFileSync } from "node:fs";
import { MPI, type TsmpiError } from "tsmpi";

const comm = MPI.COMM_WORLD;
const through = process.argv[2]!;
const clock = new Int32Array(new SharedArrayBuffer(4));
try {
  if (comm.rank === 0) {
    comm.bcast("the last");
    writeFileSync(through, "");
  } else {
    while (!existsSync(through)) Atomics.wait(clock, 0, 0, 10);
    comm.allreduce(1);
  }
  console.log(`rank ${comm.rank} is through`);
} catch (error) {
  const { code, message } = error as TsmpiError;
  console.log(`rank ${comm.rank}: ${code} ${message}`);
}
