// A line through points, by fitDataset: `fit.mts MODE PATTERN CHECKPOINTS STOP`. With a STOP above 0 all ranks save behind that batch
// of the second epoch, and are killed; then the training goes on from there. The root prints the weights.
import {
  distribute,
  loadCheckpoint,
  MPI,
  openDataset,
  saveCheckpoint,
  tf,
} from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

const comm = MPI.COMM_WORLD;
const [mode, pattern, folder, stop] = process.argv.slice(2) as [
  NonNullable<OpenDatasetOptions["mode"]>,
  ...[string, string, string],
];
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: "zeros" }),
  ],
});
model.compile({ optimizer: tf.train.sgd(0.2), loss: "meanSquaredError" });
distribute(model);
const found = await loadCheckpoint(folder, { model });
const dataset = (
  await openDataset(pattern, {
    mode,
    seed: 1,
    position: found?.position ?? undefined,
  })
)
  .map(({ id }) => ({
    xs: (id as number) / 100,
    ys: 2 * ((id as number) / 100) + 1,
  }))
  .batch(5);
const { numTensors } = tf.memory();
let epochNow = 0;
await model.fitDataset(dataset, {
  ...{ epochs: 30, initialEpoch: found?.epoch ?? 0, verbose: 0 },
  callbacks: {
    async onEpochBegin(epoch: number) {
      epochNow = epoch;
    },
    async onBatchEnd(batch: number) {
      if (epochNow !== 1 || batch + 1 !== Number(stop)) return;
      await saveCheckpoint(folder, { model, epoch: 1, dataset });
      comm.barrier();
      process.kill(process.pid, "SIGKILL");
    },
  },
});
const [kernel, bias] = model.getWeights().map((tensor) => tensor.dataSync()[0]);
if (comm.rank === 0)
  console.log(
    JSON.stringify({
      kernel,
      bias,
      leaked: tf.memory().numTensors - numTensors,
      began: found?.position ?? null,
    }),
  );
