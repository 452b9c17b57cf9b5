// Resident memory of each rank between step 200 and step 2,000 of a fit, in MB, and tensors at both.
import { distribute, MPI, tf } from "tsmpi";

const comm = MPI.COMM_WORLD;
const batch = 16;
const steps = 2_000;
const x = tf.randomUniform([batch * steps, 32]);
const y = tf.randomUniform([batch * steps, 4]);
const model = distribute(
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 64, activation: "relu", inputShape: [32] }),
      tf.layers.dense({ units: 4 }),
    ],
  }),
);
model.compile({ optimizer: tf.train.adam(), loss: "meanSquaredError" });

const seen: { step: number; tensors: number; megabytes: number }[] = [];
await model.fit(x, y, {
  epochs: 1,
  batchSize: batch,
  shuffle: false,
  verbose: 0,
  callbacks: {
    onBatchEnd: (step) => {
      if ((step + 1) % 200 === 0)
        seen.push({
          step: step + 1,
          tensors: tf.memory().numTensors,
          megabytes: process.memoryUsage.rss() / 2 ** 20,
        });
    },
  },
});
const all = comm.gather(seen);
if (all !== null) console.log(JSON.stringify(all));
