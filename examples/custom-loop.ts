// A hand-written training loop, without tf.layers:  npx tsrun -n 4 examples/custom-loop.ts
// Options: --epochs 20 --rows 1000 (in all) --seed 1. Runs as it is on one rank too:  npx tsx examples/custom-loop.ts
import { parseArgs } from "node:util";
import { distribute, join, MPI, scatterRows, tf } from "tsmpi";

const { values: options } = parseArgs({
  options: {
    epochs: { type: "string", default: "20" },
    rows: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
  },
});
const epochs = Number(options.epochs);
const rows = Number(options.rows);
const seed = Number(options.seed);
const batchSize = 32;

const comm = MPI.COMM_WORLD;
const spiral = comm.rank === 0 ? twoSpirals() : null;
const { x, y } = scatterRows(spiral); // ranks may get different numbers of rows

const normal = (shape: [number, number], layer: number) =>
  tf.variable(tf.randomNormal(shape, 0, 0.5, "float32", 10 * seed + layer));
const w1 = normal([2, 32], 1);
const b1 = tf.variable(tf.zeros([32]));
const w2 = normal([32, 32], 2);
const b2 = tf.variable(tf.zeros([32]));
const w3 = normal([32, 1], 3);
const variables = [w1, b1, w2, b2, w3]; // the same on every rank, because the seeds are

const logitsOf = (points: typeof x) =>
  points.matMul(w1).add(b1).tanh().matMul(w2).add(b2).tanh().matMul(w3);

let rowsOfBatch = 0;
const optimizer = distribute(tf.train.adam(0.01), {
  weight: () => rowsOfBatch, // of this rank's gradients in the average
});

for (let epoch = 1; epoch <= epochs; epoch++) {
  let loss = 0;
  for (let start = 0; start < x.shape[0]; start += batchSize) {
    rowsOfBatch = Math.min(batchSize, x.shape[0] - start);
    loss += tf.tidy(() => {
      const points = x.slice([start, 0], [rowsOfBatch, 2]);
      const labels = y.slice([start, 0], [rowsOfBatch, 1]);
      const { value, grads } = tf.variableGrads(
        () => tf.losses.sigmoidCrossEntropy(labels, logitsOf(points)),
        variables,
      );
      // Averages over all ranks, then updates. (TensorFlow.js types it too narrowly.)
      optimizer.applyGradients(grads as never);
      return value.dataSync()[0]! * rowsOfBatch;
    });
  }
  join(optimizer); // who has fewer batches waits for the others here
  const mean = comm.allreduce(loss) / rows;
  if (comm.rank === 0 && epoch % 5 === 0)
    console.log(`epoch ${epoch}: loss ${mean.toFixed(4)}`);
}

const right = tf.tidy(() =>
  logitsOf(x).greater(0).equal(y.greater(0.5)).sum().dataSync(),
);
const accuracy = comm.allreduce(right[0]!) / rows;
if (comm.rank === 0) console.log(`accuracy ${accuracy.toFixed(3)}`);

/** Points of two arms that wind around each other, in turns, and which arm each is of. */
function twoSpirals() {
  const points = new Float32Array(2 * rows);
  const arms = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    const arm = i % 2;
    // A stride through the arms mixes their parts: each batch sees all of them.
    const along = ((i * 389) % rows) / rows;
    const angle = 1.2 * Math.PI * along + arm * Math.PI;
    points[2 * i] = along * Math.cos(angle) * 2;
    points[2 * i + 1] = along * Math.sin(angle) * 2;
    arms[i] = arm;
  }
  return {
    x: { values: points, shape: [rows, 2] },
    y: { values: arms, shape: [rows, 1] },
  };
}
