// Resident memory of each rank between step 200 and step 2,000 of a fit, in MB, and tensors at both. Behind a full garbage
// collection: TensorFlow.js keeps its tensors in a WeakMap, which V8 clears only then, and that may be hundreds of steps away.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { distribute, MPI, tf } from "tsmpi";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

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

// The compiler of V8 has settled before it counts.
await model.fit(x, y, { batchSize: batch * 4, shuffle: false, verbose: 0 });

const seen: { step: number; tensors: number; megabytes: number }[] = [];
await model.fit(x, y, {
  epochs: 1,
  batchSize: batch,
  shuffle: false,
  verbose: 0,
  callbacks: {
    onBatchEnd: (step) => {
      if ((step + 1) % 200 !== 0) return;
      collectGarbage();
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
