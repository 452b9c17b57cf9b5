// Trainings that take some batches of an epoch and leave the others: `leave.mts MODE PATTERN`. Then a whole epoch. The root prints what
// is said of each.
import { distribute, epochSummary, MPI, openDataset, tf } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const [mode, pattern] = process.argv.slice(2) as [
  NonNullable<OpenDatasetOptions["mode"]>,
  string,
];
const model = tf.sequential({
  layers: [tf.layers.dense({ units: 1, inputShape: [1] })],
});
model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
distribute(model);
const dataset = (await openDataset(pattern, { mode, seed: 1 }))
  .map(({ id }) => ({ xs: id as number, ys: 1 }))
  .batch(5)
  .prefetch(2);
const say = async (): Promise<void> => {
  const { isExact, records, text } = await epochSummary(dataset);
  if (MPI.COMM_WORLD.rank === 0)
    console.log(JSON.stringify({ isExact, records, text }));
};
for (const epochs of [3, 1, 1]) {
  await model.fitDataset(dataset, { epochs, batchesPerEpoch: 2, verbose: 0 });
  await say();
}
for await (const _ of dataset);
await say();
// And one is left open.
const items = await dataset.iterator();
await items.next();
