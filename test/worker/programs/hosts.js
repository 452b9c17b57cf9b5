// All-reduces of ranks on several hosts. `sums`: prints a digest of what each gave; `loop`: goes on until a rank is lost.
const { createHash } = require("node:crypto");
const { MPI } = require("tsmpi");

const comm = MPI.COMM_WORLD;
const { rank, size } = comm;
const [what] = process.argv.slice(2);

/** Whole numbers: exact, whatever the order. */
const value = (at, index) => ((at + 1) * (index + 7)) % 1_009;

function sums() {
  const digest = createHash("sha256");
  const host = comm.Split_type(MPI.COMM_TYPE_SHARED);
  console.log(`host ${rank} ${host.rank} of ${host.size} ${host.sharesMemory}`);
  const pairs = comm.Split(rank % 2, rank);
  for (const group of [comm, pairs, comm.Dup()])
    for (const length of [1, 1_000, 100_001, 1_500_000])
      for (const isArena of [true, false])
        for (const op of [MPI.SUM, MPI.MAX]) {
          const x = isArena
            ? MPI.Alloc_mem(Float32Array, length)
            : new Float32Array(length);
          for (let i = 0; i < length; i++) x[i] = value(rank, i);
          group.Allreduce(MPI.IN_PLACE, x, op);
          digest.update(x);
          if (isArena) MPI.Free_mem(x);
        }
  const y = new Float64Array(300_000).fill(1 / (rank + 3));
  const request = comm.Iallreduce(MPI.IN_PLACE, y, MPI.SUM);
  request.wait();
  // The same bits on every rank.
  const all = comm.allgather(createHash("sha256").update(y).digest("hex"));
  console.log(`alike ${rank} ${new Set(all).size === 1}`);
  console.log(`sums ${rank} ${digest.digest("hex")}`);
}

function loop() {
  const x = MPI.Alloc_mem(Float32Array, 4_000_000);
  try {
    for (let round = 0; ; round++) {
      x.fill(1);
      comm.Allreduce(MPI.IN_PLACE, x, MPI.SUM);
      if (x[0] !== size || x[x.length - 1] !== size) console.log("wrong");
      if (round === 3) console.log(`pid ${rank} ${process.pid}`);
    }
  } catch (error) {
    console.log(`raised ${rank} ${error.code}`);
  }
}

if (what === "loop") loop();
else sums();
