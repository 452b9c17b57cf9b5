// Rank 1 keeps a tensor of every batch, unless argv says "clean".
import { distribute, MPI, tf } from "tsmpi";

const kept: unknown[] = [];
const model = distribute(
  tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] }),
);
model.compile({ optimizer: "adam", loss: "meanSquaredError" });
const x = tf.ones([40, 1]);
await model.fit(x, x, {
  batchSize: 2,
  epochs: 2,
  verbose: 0,
  validationSplit: 0.5,
  callbacks: {
    onBatchEnd: () => {
      if (MPI.COMM_WORLD.rank === 1 && process.argv[2] !== "clean")
        kept.push(tf.ones([2]));
    },
  },
});
console.log(`rank ${MPI.COMM_WORLD.rank} is done`);
