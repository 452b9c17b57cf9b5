// Time of a blocking Allreduce (float32, sum) by size, as one JSON object a line:  npx tsrun -n 2 bench/allreduce.ts
// `npm run bench` runs it over algorithms, transports and numbers of ranks.
import { MPI } from "tsmpi";

const comm = MPI.COMM_WORLD;
const sizes = [4, 1 << 10, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22];

/** Median of the slowest rank's times, in milliseconds: a collective has ended when it has ended everywhere. */
function measure(bytes: number): { medianMs: number; minMs: number } {
  const buffer = MPI.Alloc_mem(Float32Array, bytes / 4);
  const rounds = bytes < 1 << 20 ? 200 : 40;
  const times: number[] = [];
  for (let round = -20; round < rounds; round++) {
    buffer.fill(comm.rank + 1);
    comm.barrier();
    const startMs = performance.now();
    comm.Allreduce(MPI.IN_PLACE, buffer);
    const ownMs = performance.now() - startMs;
    const slowestMs = comm.allreduce(ownMs, MPI.MAX);
    if (round >= 0) times.push(slowestMs);
  }
  const expected = (comm.size * (comm.size + 1)) / 2;
  if (!buffer.every((value) => value === expected))
    throw new Error(`wrong result at ${bytes} bytes`);
  MPI.Free_mem(buffer);
  times.sort((a, b) => a - b);
  return { medianMs: times[times.length >> 1]!, minMs: times[0]! };
}

for (const bytes of sizes) {
  const { medianMs, minMs } = measure(bytes);
  if (comm.rank === 0)
    console.log(
      JSON.stringify({
        op: "allreduce",
        algorithm: process.env.TSMPI_ALLREDUCE ?? "auto",
        transport: process.env.TSMPI_TRANSPORT ?? "auto",
        ranks: comm.size,
        bytes,
        medianMs: Number(medianMs.toFixed(4)),
        minMs: Number(minMs.toFixed(4)),
      }),
    );
}
