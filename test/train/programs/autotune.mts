// Trains a small model for as many epochs of 10 steps as the first argument says; prints the digest of its weights, and the loss.
// The second argument, JSON, are the options of distribute.
import {
  distribute,
  MPI,
  tf,
  weightsSha256,
  type DistributeOptions,
} from "tsmpi";
import { floats } from "./numbers.mts";

const [epochs = "8", options = "{}"] = process.argv.slice(2);
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 480, activation: "tanh", inputShape: [64] }),
    tf.layers.dense({ units: 480, activation: "tanh" }),
    tf.layers.dense({ units: 2 }),
  ],
});
model.setWeights(model.getWeights().map((w, i) => floats(`w${i}`, w.shape)));
distribute(model, JSON.parse(options) as DistributeOptions);
model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
const x = floats(`x of rank ${MPI.COMM_WORLD.rank}`, [20, 64]);
const y = floats(`y of rank ${MPI.COMM_WORLD.rank}`, [20, 2]);
const { history } = await model.fit(x, y, {
  ...{ epochs: Number(epochs), batchSize: 2, verbose: 0 },
});
console.log(`${weightsSha256(model)} ${String(history.loss?.at(-1))}`);
