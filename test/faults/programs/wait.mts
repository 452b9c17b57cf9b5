// Every rank but one waits in some way for the one (argv: way, rank, what the one does).
import { MPI } from "tsmpi";

const [way = "", oneText, end] = process.argv.slice(2);
const comm = MPI.COMM_WORLD;
const one = Number(oneText);
comm.barrier();
console.log(`pid ${comm.rank} ${process.pid}`);

if (comm.rank === one) {
  const idle = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(idle, 0, 0, 300);
  if (end === "throw") throw new Error("one fails");
  if (end === "reject") void Promise.reject(new Error("one fails"));
  if (end === "leave") process.exit(0);
  if (end === "exit-7") process.exit(7);
  if (end?.startsWith("compute")) {
    const untilMs = performance.now() + 1_000 * Number(end.split("-")[1]);
    while (performance.now() < untilMs);
  }
  if (end === "sleep") Atomics.wait(idle, 0, 0, 60_000);
}
switch (way) {
  case "allreduce":
    comm.Allreduce(MPI.IN_PLACE, new Float32Array(100_000));
    break;
  case "barrier":
    comm.barrier();
    break;
  case "recv":
    if (comm.rank === one) for (let r = 0; r < comm.size; r++) comm.isend(r, r);
    comm.recv(one);
    break;
  case "await":
    await comm.iallreduce(1);
    break;
  case "loop":
    if (comm.rank !== one) for (;;);
    break;
  case "timer":
    if (comm.rank !== one)
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    break;
}
console.log(`done ${comm.rank}`);
