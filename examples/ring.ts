// A token goes once around all ranks:  npx tsrun -n 4 examples/ring.ts
import { MPI } from "tsmpi";

const comm = MPI.COMM_WORLD;
const right = (comm.rank + 1) % comm.size;
const left = (comm.rank + comm.size - 1) % comm.size;

if (comm.rank === 0) {
  comm.send(["rank 0"], right);
  const token = comm.recv<string[]>(left);
  console.log(`the token went ${token.join(" -> ")} -> rank 0`);
} else {
  const token = comm.recv<string[]>(left);
  comm.send([...token, `rank ${comm.rank}`], right);
}
