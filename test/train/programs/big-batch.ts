// Trains an MLP for 3 epochs on p ranks, or on one with the p-fold batch, and prints its weights: argv = optimizer, parts.
// Rows lie so that the batches of the p parts, put together, are the big batches.
import { createHash } from "node:crypto";
import { distribute, MPI, scatterRows, tf, weightsSha256 } from "tsmpi";

const [optimizerName, partsText] = process.argv.slice(2);
const parts = Number(partsText);
const comm = MPI.COMM_WORLD;
const batch = 8;
const steps = 5;
const rows = batch * steps * parts;

/** Deterministic numbers in [-1, 1): the same on every machine. */
function values(name: string, length: number): Float32Array {
  const numbers = new Float32Array(length);
  for (let i = 0; i < length; i += 8) {
    const digest = createHash("sha256").update(`${name} ${i}`).digest();
    for (let j = 0; j < 8 && i + j < length; j++)
      numbers[i + j] = digest.readInt32LE(4 * j) / 2 ** 31;
  }
  return numbers;
}

/** Row r of the data is row `order[r]` of the generator: part by part, so that step s of all parts is the s-th big batch. */
const order =
  comm.size === parts
    ? Array.from({ length: rows }, (_, r) => {
        const [part, inPart] = [
          Math.floor(r / (batch * steps)),
          r % (batch * steps),
        ];
        return (
          Math.floor(inPart / batch) * batch * parts +
          part * batch +
          (inPart % batch)
        );
      })
    : Array.from({ length: rows }, (_, r) => r);

function rowsOf(name: string, width: number): Float32Array {
  const all = values(name, rows * width);
  const ordered = new Float32Array(all.length);
  order.forEach((from, to) =>
    ordered.set(all.subarray(from * width, (from + 1) * width), to * width),
  );
  return ordered;
}

const { x, y } = scatterRows(
  comm.rank === 0
    ? {
        x: { values: rowsOf("x", 12), shape: [rows, 12] },
        y: { values: rowsOf("y", 3), shape: [rows, 3] },
      }
    : null,
);

const model = distribute(
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 24, activation: "relu", inputShape: [12] }),
      tf.layers.dense({ units: 16, activation: "tanh" }),
      tf.layers.dense({ units: 3 }),
    ],
  }),
);
// Weights of our own; those of rank 0 would differ from run to run.
const weights = model.getWeights().map((weight, i) =>
  tf.tensor(
    values(`w${i}`, weight.size).map((value) => value / 2),
    weight.shape,
  ),
);
model.setWeights(weights);
tf.dispose(weights);

const optimizers = {
  sgd: () => tf.train.sgd(0.05),
  momentum: () => tf.train.momentum(0.05, 0.9),
  adam: () => tf.train.adam(0.01),
};
const makeOptimizer = optimizers[optimizerName as keyof typeof optimizers];
model.compile({ optimizer: makeOptimizer(), loss: "meanSquaredError" });

const tensors: number[] = [];
await model.fit(x, y, {
  epochs: 3,
  batchSize: comm.size === parts ? batch : batch * parts,
  shuffle: false,
  verbose: 0,
  callbacks: { onEpochEnd: () => void tensors.push(tf.memory().numTensors) },
});

const hashes = comm.gather(weightsSha256(model));
if (comm.rank === 0)
  console.log(
    JSON.stringify({
      hashes,
      tensors,
      weights: model.getWeights().map((weight) => [...weight.dataSync()]),
    }),
  );
