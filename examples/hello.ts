// Four ranks say hello:  npx tsrun -n 4 examples/hello.ts
import { MPI } from "tsmpi";

const comm = MPI.COMM_WORLD;
console.log(
  `Hello from rank ${comm.rank} of ${comm.size} on ${MPI.Get_processor_name()}`,
);
