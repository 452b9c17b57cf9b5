// Rank 1 builds another model than rank 0: every rank prints its error.
import { distribute, LayoutError, MPI, tf } from "tsmpi";

const comm = MPI.COMM_WORLD;
const units = comm.rank === 1 ? 7 : 5;
try {
  distribute(
    tf.sequential({
      layers: [
        tf.layers.dense({ units, inputShape: [3], name: "hidden" }),
        tf.layers.dense({ units: 1, name: "out" }),
      ],
    }),
  );
} catch (error) {
  console.log(
    `rank ${comm.rank} ${error instanceof LayoutError}: ${(error as Error).message}`,
  );
}
