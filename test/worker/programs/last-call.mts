// The last thing that these ranks do is not the same: rank 0 broadcasts, the others reduce. Files in a folder see to it that
// rank 0 is through with its call before the others begin theirs, and at its end after that.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MPI, type TsmpiError } from "tsmpi";

const comm = MPI.COMM_WORLD;
const others = Array.from({ length: comm.size - 1 }, (_, i) => i + 1);
const clock = new Int32Array(new SharedArrayBuffer(4));
try {
  if (comm.rank === 0) {
    comm.bcast("the last");
    tell(0);
    others.forEach(hear);
  } else {
    hear(0);
    const request = comm.iallreduce(1);
    tell(comm.rank);
    request.wait();
  }
  console.log(`rank ${comm.rank} is through`);
} catch (error) {
  const { code, message } = error as TsmpiError;
  console.log(`rank ${comm.rank}: ${code} ${message}`);
}

function tell(rank: number): void {
  writeFileSync(join(process.argv[2]!, String(rank)), "");
}

function hear(rank: number): void {
  while (!existsSync(join(process.argv[2]!, String(rank))))
    Atomics.wait(clock, 0, 0, 10);
}
