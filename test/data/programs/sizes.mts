// What a dataset says of its size, and what it has: `sizes.mts OPTIONS PATTERN`. Each rank prints a line for each of some options.
import { MPI, openDataset, tf } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const { rank } = MPI.COMM_WORLD;
const [options, pattern] = process.argv.slice(2) as [string, string];
for (const own of JSON.parse(options) as OpenDatasetOptions[]) {
  const batches = (await openDataset(pattern, own))
    .select({ xs: "data", ys: "data" })
    .batch(4);
  const { size } = batches;
  let count = 0;
  for await (const _ of batches) count++;
  const filtered = batches.filter(() => true).size;
  console.log(JSON.stringify({ ...own, rank, size, count, filtered }));
}

// The total of TensorFlow.js' progress.
class Steps extends tf.Callback {
  override async onTrainBegin(): Promise<void> {
    console.log(
      JSON.stringify({ rank, steps: this.params["steps"] as number }),
    );
  }
}
const layers = [tf.layers.dense({ units: 2, inputShape: [2] })];
const model = tf.sequential({ layers });
model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
const batches = (await openDataset(pattern, { mode: "assigned" }))
  .select({ xs: "data", ys: "data" })
  .batch(4);
await model.fitDataset(batches, {
  epochs: 1,
  verbose: 0,
  callbacks: new Steps(),
});
