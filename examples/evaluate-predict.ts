// Trains, evaluates and predicts, each rank on its own rows:  npx tsrun -n 4 examples/evaluate-predict.ts
// Options: --epochs 2 --rows 4000 (to train on) --seed 1
import { parseArgs } from "node:util";
import { distribute, evaluate, MPI, predict, shard, tf } from "tsmpi";
import { type Digits, loadMnist } from "./support/load-mnist.ts";

const { values: options } = parseArgs({
  options: {
    epochs: { type: "string", default: "2" },
    rows: { type: "string", default: "4000" },
    seed: { type: "string", default: "1" },
  },
});
const seed = Number(options.seed);
const rows = Number(options.rows);

const comm = MPI.COMM_WORLD;
const digits = loadMnist(); // every rank reads all of it, and uses its part
const tensors = ({ images, labels }: Digits) => ({
  x: tf.tensor(images.values, images.shape),
  y: tf.tensor(labels.values, labels.shape),
});
const train = tensors(digits.train);
const test = tensors(digits.test);

const model = distribute(
  tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [28, 28, 1] }),
      tf.layers.dense({
        units: 64,
        activation: "relu",
        kernelInitializer: tf.initializers.heNormal({ seed }),
      }),
      tf.layers.dense({
        units: 10,
        activation: "softmax",
        kernelInitializer: tf.initializers.heNormal({ seed: seed + 1 }),
      }),
    ],
  }),
);
model.compile({
  optimizer: "adam",
  loss: "categoricalCrossentropy",
  metrics: ["accuracy"],
});
const batches = shard(train.x.slice(0, rows), train.y.slice(0, rows)).dataset({
  batchSize: 16,
  seed,
}); // in each epoch another order, over all ranks
await model.fitDataset(batches, { epochs: Number(options.epochs) });

const { x, y } = shard(test.x, test.y); // this rank's rows
const { loss, acc } = await evaluate(model, x, y); // over all rows, on every rank
const chances = await predict(model, x); // of all rows in their order, on rank 0
if (chances !== null) {
  console.log(`test loss ${loss!.toFixed(4)}, accuracy ${acc!.toFixed(4)}`);
  const found = tf.argMax(chances as typeof x, 1).dataSync();
  const truth = tf.argMax(test.y, 1).dataSync();
  console.log(`${comm.size} ranks predicted ${found.length} digits`);
  console.log(`first ones ${found.slice(0, 10).join(" ")}`);
  console.log(`they are   ${truth.slice(0, 10).join(" ")}`);
}
