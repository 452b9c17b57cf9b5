// BatchNorm over the rows of three ranks, against tf.layers.batchNormalization in one process on the same rows. Rank r has 3 − r
// batches of r + 2 rows: the later steps have fewer ranks.
import {
  distribute,
  MPI,
  syncBatchNormalization,
  tf,
  weightsSha256,
} from "tsmpi";
import { numbers } from "./numbers.mts";

const comm = MPI.COMM_WORLD;
const { rank } = comm;
const ranks = [0, 1, 2];

const batchOf = (rank: number, step: number) => {
  const rows = rank + 2;
  const name = `${rank} ${step}`;
  return {
    x: tf.tensor(numbers(name, rows * 6), [rows, 3, 2]),
    y: tf.tensor(numbers(`${name} y`, rows), [rows, 1]),
  };
};
const batchesOf = (rank: number) =>
  [0, 1, 2]
    .filter((step) => step < 3 - rank)
    .map((step) => batchOf(rank, step));

type Layer = ReturnType<typeof syncBatchNormalization>;

const build = (...batchNorm: Layer[]) =>
  tf.sequential({
    layers: [
      ...batchNorm,
      tf.layers.flatten(),
      tf.layers.dense({
        units: 1,
        kernelInitializer: tf.initializers.constant({ value: 0.5 }),
      }),
    ],
  });
const options = { axis: 1, momentum: 0.5, inputShape: [3, 2] };
const compiled = () => ({
  optimizer: tf.train.sgd(0.2),
  loss: "meanSquaredError",
});

const model = distribute(build(syncBatchNormalization(options)));
model.compile(compiled());
const dataset = tf.data.generator(function* () {
  for (const { x, y } of batchesOf(rank)) yield { xs: x, ys: y };
} as never);
const tensors: number[] = [];
for (let i = 0; i < 2; i++) {
  await model.fitDataset(dataset, { epochs: 1, verbose: 0 });
  tensors.push(tf.memory().numTensors);
}

// TensorFlow.js itself cannot train along another axis than the last.
const plain = build(
  tf.layers.permute({ dims: [2, 1], inputShape: [3, 2] }),
  tf.layers.batchNormalization({ momentum: 0.5 }),
  tf.layers.permute({ dims: [2, 1] }),
);
plain.compile(compiled());
for (let epoch = 0; epoch < 2; epoch++)
  for (const step of [0, 1, 2]) {
    const batches = ranks
      .filter((rank) => step < 3 - rank)
      .map((rank) => batchOf(rank, step));
    await plain.trainOnBatch(
      tf.concat(batches.map(({ x }) => x)),
      tf.concat(batches.map(({ y }) => y)),
    );
  }

// Without scale and center: the rows of all ranks, which lie around 1000, have mean 0 and deviation 1.
const bare = syncBatchNormalization({ scale: false, center: false });
const x = tf
  .tensor(numbers(`bare ${rank}`, 8), [4, 2])
  .mul(rank + 1)
  .add(1000);
const y = bare.apply(x, { training: true }) as typeof x;
const sums = comm.allreduce(y.sum().dataSync()[0]!);
const squares = comm.allreduce(y.square().sum().dataSync()[0]!);

const firstLayer = (of: typeof model) =>
  (of.toJSON(null, false) as unknown as { config: { layers: object[] } }).config
    .layers[0];
console.log(
  JSON.stringify({
    rank,
    sha256: weightsSha256(model),
    weights: model.getWeights().map((weight) => [...weight.dataSync()]),
    expected: plain.getWeights().map((weight) => [...weight.dataSync()]),
    tensors: tensors[1]! - tensors[0]!,
    bare: [sums / 24, squares / 24],
    layer: firstLayer(model),
    plainLayer: firstLayer(build(tf.layers.batchNormalization(options))),
  }),
);
