// The root's data is unfit (argv: which way); every rank prints what it got for it.
import { MPI, scatterRows } from "tsmpi";

const unfit = {
  nothing: null,
  "other-counts": {
    a: { values: new Float32Array(6), shape: [3, 2] },
    b: { values: new Float32Array(4), shape: [4] },
  },
  shape: { a: { values: new Float32Array(6), shape: [3, 3] } },
};
const comm = MPI.COMM_WORLD;
try {
  scatterRows(
    comm.rank === 0 ? unfit[process.argv[2] as keyof typeof unfit] : null,
  );
} catch (error) {
  console.log(`rank ${comm.rank}: ${(error as Error).message}`);
}
