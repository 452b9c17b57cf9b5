import { MPI } from "tsmpi";
const c = MPI.COMM_WORLD; const n = 25e6;
const x = MPI.Alloc_mem(Float32Array, n); x.fill(1);
for (let i = 0; i < 3; i++) c.Allreduce(MPI.IN_PLACE, x, MPI.MAX);
const t = performance.now();
for (let i = 0; i < 60; i++) c.Allreduce(MPI.IN_PLACE, x, MPI.SUM);
if (c.rank === 0) console.log((performance.now() - t) / 60);
