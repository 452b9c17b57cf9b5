// Pi by numerical integration, every rank a part of the sum:  npx tsrun -n 4 examples/pi.ts
import { MPI } from "tsmpi";

const comm = MPI.COMM_WORLD;
const intervals = 10_000_000;
const width = 1 / intervals;

let sum = 0;
for (let i = comm.rank; i < intervals; i += comm.size)
  sum += 4 / (1 + ((i + 0.5) * width) ** 2);

const pi = comm.reduce(sum * width, MPI.SUM, 0);
if (pi !== null)
  console.log(
    `pi is about ${pi.toFixed(12)}, error ${Math.abs(pi - Math.PI).toExponential(1)}`,
  );
