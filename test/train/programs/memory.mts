// Resident memory of each rank during a fit, in MB, ten times at equal distances, and tensors at each. Behind a full garbage
// collection: TensorFlow.js keeps its tensors in a WeakMap, which V8 clears only then, and that may be hundreds of steps away.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { distribute, MPI, tf } from "tsmpi";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const steps = Number(process.argv[2]);
const STEPS_OF_EPOCH = 500;

const comm = MPI.COMM_WORLD;
const batch = 16;
const rows = batch * STEPS_OF_EPOCH;
const x = tf.randomUniform([rows, 8, 8, 1]);
const y = tf.randomUniform([rows, 4]);
const model = distribute(
  tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 1],
        filters: 8,
        kernelSize: 3,
        activation: "relu",
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 64, activation: "relu" }),
      tf.layers.dense({ units: 4 }),
    ],
  }),
);
model.compile({ optimizer: tf.train.adam(), loss: "meanSquaredError" });

// The compiler of V8 has settled before it counts.
await model.fit(x, y, { batchSize: batch * 2, verbose: 0 });

const seen: { step: number; tensors: number; megabytes: number }[] = [];
let step = 0;
await model.fit(x, y, {
  epochs: steps / STEPS_OF_EPOCH,
  batchSize: batch,
  verbose: 0,
  callbacks: {
    onBatchEnd: () => {
      step++;
      if (step % (steps / 10) !== 0) return;
      collectGarbage();
      seen.push({
        step,
        tensors: tf.memory().numTensors,
        megabytes: process.memoryUsage.rss() / 2 ** 20,
      });
    },
  },
});
const all = comm.gather(seen);
if (all !== null) console.log(JSON.stringify(all));
