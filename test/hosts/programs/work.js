// `work.js SECONDS`: ranks that agree on each step, and print it; at the end how many there were.
const { MPI } = require("tsmpi");

const comm = MPI.COMM_WORLD;
const endMs = Date.now() + Number(process.argv[2]) * 1_000;
const pause = new Int32Array(new SharedArrayBuffer(4));
let step = 0;
while (comm.allreduce(Date.now() < endMs ? 1 : 0) === comm.size) {
  console.log(`rank ${comm.rank} step ${step++}`);
  Atomics.wait(pause, 0, 0, 100);
}
console.log(`rank ${comm.rank} did ${step}`);
