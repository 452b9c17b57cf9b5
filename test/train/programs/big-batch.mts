// Trains an MLP for 3 epochs with each optimizer, on p ranks or on one with p-fold batches (argv: p), and prints the weights.
// Rows lie so that the batches of the p partitions, put together, are the big batches.
import { distribute, MPI, scatterRows, tf, weightsSha256 } from "tsmpi";
import { numbers } from "./numbers.mts";

const OPTIMIZERS = {
  sgd: () => tf.train.sgd(0.05),
  momentum: () => tf.train.momentum(0.05, 0.9),
  adam: () => tf.train.adam(0.01),
};

const parts = Number(process.argv[2]);
const comm = MPI.COMM_WORLD;
const isSplit = comm.size === parts;
const batch = 8;
const steps = 5;
const partRows = batch * steps;
const rows = partRows * parts;

/** Where row `r` of the scattered data lies in the data of one process. */
function bigBatchRow(r: number): number {
  const part = Math.floor(r / partRows);
  const step = Math.floor((r % partRows) / batch);
  return (step * parts + part) * batch + (r % batch);
}

function rowsOf(name: string, width: number) {
  const values = numbers(name, rows * width);
  if (!isSplit) return { values, shape: [rows, width] };
  const ordered = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    const from = bigBatchRow(r) * width;
    ordered.set(values.subarray(from, from + width), r * width);
  }
  return { values: ordered, shape: [rows, width] };
}

const { x, y } = scatterRows(
  comm.rank === 0 ? { x: rowsOf("x", 12), y: rowsOf("y", 3) } : null,
);

for (const [name, makeOptimizer] of Object.entries(OPTIMIZERS)) {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 24, activation: "relu", inputShape: [12] }),
      tf.layers.dense({ units: 16, activation: "tanh" }),
      tf.layers.dense({ units: 3 }),
    ],
  });
  // Only rank 0 has the right weights: the others get them from `distribute`.
  if (comm.rank === 0)
    model.setWeights(
      model.getWeights().map((weight, i) =>
        tf.tensor(
          numbers(`w${i}`, weight.size).map((value) => value / 2),
          weight.shape,
        ),
      ),
    );
  distribute(model);
  model.compile({ optimizer: makeOptimizer(), loss: "meanSquaredError" });

  const tensors: number[] = [];
  await model.fit(x, y, {
    epochs: 3,
    batchSize: isSplit ? batch : batch * parts,
    shuffle: false,
    verbose: 0,
    callbacks: {
      onEpochEnd: () => void tensors.push(tf.memory().numTensors),
    },
  });

  const hashes = comm.gather(weightsSha256(model));
  const weights = model.getWeights().map((weight) => [...weight.dataSync()]);
  if (comm.rank === 0)
    console.log(JSON.stringify({ name, hashes, tensors, weights }));
}
