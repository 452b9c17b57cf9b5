// All-reduces in shared memory until told to do something else:  shared-memory.mts <what> [rank]
import { writeSync } from "node:fs";

const [what] = process.argv.slice(2);
const say = (text: string): void => void writeSync(1, `${text}\n`);
if (what === "shares-differ")
  process.env["TSMPI_ARENA_BYTES"] = String(
    (4 + Number(process.env["RANK"])) << 20,
  );

const { MPI } = await import("tsmpi");
const comm = MPI.COMM_WORLD;

if (what === "loop") {
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
} else {
  const sum = new Float32Array(3).fill(comm.rank);
  comm.Allreduce(MPI.IN_PLACE, sum);
  say(`sum ${comm.rank} ${sum[2]} ${comm.sharesMemory}`);
}
