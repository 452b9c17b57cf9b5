// The last thing that these ranks do is not the same: rank 0 broadcasts, the others reduce.
import { MPI, type TsmpiError } from "tsmpi";

const comm = MPI.COMM_WORLD;
try {
  if (comm.rank === 0) comm.bcast("the last");
  else comm.allreduce(1);
  console.log(`rank ${comm.rank} is through`);
} catch (error) {
  const { code, message } = error as TsmpiError;
  console.log(`rank ${comm.rank}: ${code} ${message}`);
}
