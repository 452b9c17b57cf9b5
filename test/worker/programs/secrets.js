// What nobody on the network may see: weights, gradients' sums, a message. Prints nothing; `secrets.js key` at rank 0 the job key.
const { MPI } = require("tsmpi");

const comm = MPI.COMM_WORLD;
const weights = new Float32Array(100_000).fill(1_234.567);
comm.Allreduce(MPI.IN_PLACE, weights, MPI.MAX);
if (comm.rank === 0) comm.send("the secret plan", 1);
else if (comm.recv(0) !== "the secret plan") throw new Error("another message");
comm.Barrier();
if (process.argv[2] === "key" && comm.rank === 0)
  console.log(`key ${process.env.TSMPI_JOB_KEY}`);
