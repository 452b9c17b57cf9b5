// A CNN whose BatchNorm layers see the batches of all ranks together:  npx tsrun -n 4 examples/cnn-batchnorm.ts
// Options: --epochs 3 --batch-size 16 (a rank; so small that a rank's own statistics would be poor) --seed 1 --rows 8000
import { parseArgs } from "node:util";
import {
  distribute,
  MPI,
  scatterRows,
  syncBatchNormalization,
  tf,
  weightsSha256,
} from "tsmpi";
import { type Digits, loadMnist } from "./support/load-mnist.ts";

const { values: options } = parseArgs({
  options: {
    epochs: { type: "string", default: "3" },
    "batch-size": { type: "string", default: "16" },
    seed: { type: "string", default: "1" },
    rows: { type: "string", default: "8000" },
  },
});
const seed = Number(options.seed);

const comm = MPI.COMM_WORLD;
const digits = comm.rank === 0 ? loadMnist() : null;
const { images, labels } = scatterRows(
  digits && firstRows(digits.train, Number(options.rows)),
);
const held = scatterRows(digits && firstRows(digits.test, 500));

const he = (layer: number) =>
  tf.initializers.heNormal({ seed: 10 * seed + layer });
const conv = (filters: number, layer: number) => ({
  filters,
  kernelSize: 3,
  useBias: false, // BatchNorm takes a bias away again
  kernelInitializer: he(layer),
});
const model = distribute(
  tf.sequential({
    layers: [
      tf.layers.conv2d({ ...conv(8, 1), inputShape: [28, 28, 1] }),
      syncBatchNormalization({ momentum: 0.9 }),
      tf.layers.reLU(),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d(conv(16, 2)),
      syncBatchNormalization({ momentum: 0.9 }),
      tf.layers.reLU(),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({
        units: 10,
        activation: "softmax",
        kernelInitializer: he(3),
      }),
    ],
  }),
);
model.compile({
  optimizer: tf.train.adam(5e-3),
  loss: "categoricalCrossentropy",
  metrics: ["accuracy"],
});
const { history } = await model.fit(images, labels, {
  epochs: Number(options.epochs),
  batchSize: Number(options["batch-size"]),
  validationData: [held.images, held.labels], // each rank its part; the History has the average
});

const hashes = comm.gather(weightsSha256(model));
if (hashes !== null) {
  const accuracy = (history.val_acc as number[]).at(-1)!;
  console.log(`validation accuracy ${accuracy.toFixed(4)}`);
  console.log(`${new Set(hashes).size} sets of weights on ${comm.size} ranks`);
}

/** Fewer digits train faster. */
function firstRows({ images, labels }: Digits, rows: number) {
  return { images: cut(images, rows), labels: cut(labels, rows) };
}

function cut(
  { values, shape: [all, ...row] }: Digits["images" | "labels"],
  rows: number,
) {
  const elements = values.length / all;
  return { values: values.subarray(0, elements * rows), shape: [rows, ...row] };
}
