// Trainings of 3 epochs whose next epoch a thread reads while one is under way: `ahead.mts MODE PATTERN HOW`. Each prints what is said of
// each epoch, and the root which records the ranks then have in an epoch of another pipeline.
// HOW: `whole`; `stop`: rank 1 stops the first training behind its second epoch; `fail`: so does an error on all ranks; `one`: it is
// stopped, too, and rank 1 has no thread.
import { distribute, epochSummary, MPI, openDataset, tf } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

interface Columns {
  readonly xs: { readonly values: Float32Array };
}

const RECORDS = 120;
const comm = MPI.COMM_WORLD;
const [mode, pattern, how] = process.argv.slice(2) as [
  NonNullable<OpenDatasetOptions["mode"]>,
  ...[string, string],
];
const model = distribute(
  tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] }),
);
model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
const dataset = await openDataset(pattern, { mode, seed: 1 });
const batches = dataset
  .select({ xs: "x", ys: "y" })
  .shuffle(20)
  .batch(5)
  .prefetch(3, { background: how !== "one" || comm.rank !== 1 });

async function train(ends: boolean): Promise<string[]> {
  const said: string[] = [];
  const callbacks = {
    async onEpochEnd(epoch: number) {
      said.push((await epochSummary(dataset)).text);
      // Time for the thread to be at work on the next one.
      await new Promise((resolve) => setTimeout(resolve, 200));
      if (!ends || epoch !== 1) return;
      if (how === "fail") throw new Error("enough");
      if (how !== "whole" && comm.rank === 1) model.stopTraining = true;
    },
  };
  await model
    .fitDataset(batches, { epochs: 3, verbose: 0, callbacks })
    .catch((error: Error) => {
      if (error.message !== "enough") throw error;
    });
  return said;
}

const first = await train(true);
const ids: number[] = [];
if (comm.rank === 0) for await (const { id } of dataset) ids.push(id as number);
else
  for await (const { xs } of batches as AsyncIterable<Columns>)
    ids.push(...Array.from(xs.values, (x) => Math.round(x * RECORDS)));
const all = comm.gather(ids);
const second = await train(false);
const { epoch } = dataset.position();
if (all !== null)
  console.log(
    JSON.stringify({
      ...{ first, second, epoch },
      between: all.flat().sort((a, b) => a - b),
    }),
  );
