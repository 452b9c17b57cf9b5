// Collectives in shared memory:  shared-memory.mts <what> [collective]
import { writeSync } from "node:fs";

const [what, collective] = process.argv.slice(2);
const say = (text: string): void => void writeSync(1, `${text}\n`);
if (what === "shares-differ")
  process.env["TSMPI_ARENA_BYTES"] = String(
    (4 + Number(process.env["RANK"])) << 20,
  );

const { MPI } = await import("tsmpi");
const comm = MPI.COMM_WORLD;

/** Each collective, by its algorithms' name or its own: of `buffer`, whose length its ranks can share. */
const CALLS: Readonly<
  Record<string, (buffer: Float32Array, part: Float32Array) => void>
> = {
  allreduce: (buffer) => comm.Allreduce(MPI.IN_PLACE, buffer),
  reduce: (buffer) => comm.Reduce(buffer, buffer.slice(), MPI.SUM, 0),
  reduceScatter: (buffer, part) => comm.Reduce_scatter_block(buffer, part),
  scan: (buffer) => comm.Scan(MPI.IN_PLACE, buffer),
  exscan: (buffer) => comm.Exscan(MPI.IN_PLACE, buffer),
  bcast: (buffer) => comm.Bcast(buffer, 0),
  gather: (buffer, part) => comm.Gather(part, buffer, 0),
  scatter: (buffer, part) => comm.Scatter(buffer, part, 0),
  allgather: (buffer, part) => comm.Allgather(part, buffer),
  alltoall: (buffer) => comm.Alltoall(MPI.IN_PLACE, buffer),
  barrier: () => comm.Barrier(),
  gatherv: (buffer, part) =>
    comm.Gatherv(part, [buffer, part.length, part.length], 0),
  scatterv: (buffer, part) =>
    comm.Scatterv([buffer, part.length, part.length], part, 0),
  allgatherv: (buffer, part) =>
    comm.Allgatherv(part, [buffer, part.length, part.length]),
  alltoallv: (buffer) => comm.Alltoallv(MPI.IN_PLACE, buffer),
};

if (what === "each") {
  const call = CALLS[collective!]!;
  const buffers = [1 << 4, 1 << 18].flatMap((part) => [
    new Float32Array(comm.size * part),
    MPI.Alloc_mem(Float32Array, comm.size * part),
  ]);
  say(`pid ${comm.rank} ${process.pid}`);
  try {
    for (;;)
      for (const buffer of buffers)
        call(buffer, new Float32Array(buffer.length / comm.size));
  } catch (error) {
    say(`raised ${comm.rank} ${(error as { code: string }).code}`);
    say(`sum ${comm.rank} ${comm.Shrink().allreduce(1)}`);
  }
} else if (what === "loop") {
  const ordinary = new Float32Array(1 << 20);
  const allocated = MPI.Alloc_mem(Float32Array, 1 << 20);
  say(`pid ${comm.rank} ${process.pid}`);
  try {
    for (;;) {
      comm.Allreduce(MPI.IN_PLACE, ordinary.fill(1));
      comm.Allreduce(MPI.IN_PLACE, allocated.fill(1));
      if (ordinary[5] !== comm.size || allocated[5] !== comm.size)
        say(`wrong ${ordinary[5]} ${allocated[5]}`);
    }
  } catch (error) {
    say(`raised ${comm.rank} ${(error as { code: string }).code}`);
    const left = comm.Shrink();
    const sum = new Float32Array(300_000).fill(1);
    left.Allreduce(MPI.IN_PLACE, sum);
    say(`sum ${comm.rank} ${sum[299_999]}`);
  }
} else if (what === "many-sums") {
  const sum = new Float64Array(1_000);
  for (let i = 0; i < 1_000; i++) {
    const own = new Float64Array(1_000).fill(1);
    comm.Allreduce(MPI.IN_PLACE, own);
    sum.forEach((all, at) => (sum[at] = all + own[at]!));
  }
  say(`sum ${comm.rank} ${new Set(sum).size === 1 ? sum[0] : "differs"}`);
} else {
  const sum = new Float32Array(3).fill(comm.rank);
  comm.Allreduce(MPI.IN_PLACE, sum);
  say(`sum ${comm.rank} ${sum[2]} ${comm.sharesMemory}`);
}
