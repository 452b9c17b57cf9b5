// 40 MB of rows through the coordinator, more than its window holds: every rank checks each value it got.
import { MPI, scatterRows } from "tsmpi";

const comm = MPI.COMM_WORLD;
const rows = 10_001;
const width = 1_000;
const values = comm.rank === 0 ? new Float32Array(rows * width) : null;
values?.forEach((_, i) => (values[i] = i % 65_521));
const { x } = scatterRows(values && { x: { values, shape: [rows, width] } });

const counts = comm.allgather(x.shape[0]);
const before = counts.slice(0, comm.rank).reduce((sum, n) => sum + n, 0);
const first = before * width;
const wrong = x
  .dataSync()
  .findIndex((value, i) => value !== (first + i) % 65_521);
console.log(JSON.stringify({ rank: comm.rank, counts, wrong }));
