// All-reduce of float32, timed as peers/allreduce.py and peers/allreduce.c time theirs: warm-ups, then runs, each behind a barrier; a run
// takes as long as on its slowest rank. One JSON object a line for each size (bytes:warm-ups:runs) and kind of buffer:
//
//     npx tsrun -n 4 --transport tcp bench/peers/allreduce.ts arena,ordinary 4:50:101 100000000:2:5
import { MPI } from "tsmpi";

const comm = MPI.COMM_WORLD;
const [kinds = "", ...sizes] = process.argv.slice(2);
for (const size of sizes)
  for (const buffers of kinds.split(",")) {
    const [bytes = 0, warmUps = 0, runs = 0] = size.split(":").map(Number);
    const length = bytes / 4;
    const x =
      buffers === "arena"
        ? MPI.Alloc_mem(Float32Array, length)
        : new Float32Array(length);
    const times = new Float64Array(runs);
    for (let run = -warmUps; run < runs; run++) {
      x.fill(1);
      comm.Barrier();
      const start = performance.now();
      comm.Allreduce(MPI.IN_PLACE, x, MPI.SUM);
      if (run >= 0) times[run] = performance.now() - start;
      if (x[length - 1] !== comm.size) throw new Error("the sum is wrong");
    }
    comm.Allreduce(MPI.IN_PLACE, times, MPI.MAX);
    times.sort();
    const medianMs = times[runs >> 1];
    if (comm.rank === 0)
      console.log(JSON.stringify({ bytes, buffers, medianMs }));
    if (buffers === "arena") MPI.Free_mem(x);
  }
