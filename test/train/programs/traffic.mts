// 40 MB of collectives, or of scattered rows (argv), for a look at what passes the coordinator.
import { MPI, scatterRows } from "tsmpi";

const comm = MPI.COMM_WORLD;
if (process.argv[2] === "rows") {
  const values = new Float32Array(10_000_000);
  scatterRows(
    comm.rank === 0 ? { x: { values, shape: [10_000, 1_000] } } : null,
  );
} else {
  const buffer = new Float32Array(1_000_000);
  for (let i = 0; i < 8; i++) comm.Allreduce(MPI.IN_PLACE, buffer);
  comm.Bcast(buffer);
  comm.allgather(buffer);
}
