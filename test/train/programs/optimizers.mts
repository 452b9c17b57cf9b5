// Trains without `fit`, on gradients whose averages are known in closed form: rank r's gradient of v is r + 1.
import { distribute, MPI, tf } from "tsmpi";
import type { Tensor } from "@tensorflow/tfjs";

const comm = MPI.COMM_WORLD;
const v = tf.variable(tf.tensor1d([10, 20]), true, "v");
const w = tf.variable(tf.scalar(1), true, "w");
const loss = () =>
  v
    .sum()
    .mul(comm.rank + 1)
    .asScalar();
const results: Record<string, unknown> = { rank: comm.rank };

// minimize
const optimizer = distribute(tf.train.sgd(1));
optimizer.minimize(loss, false, [v]);
results.minimize = [...v.dataSync()];

// A hand-written loop, with a map and with a list
const { value, grads } = tf.variableGrads(loss, [v]);
optimizer.applyGradients(grads);
results.map = [...v.dataSync()];
optimizer.applyGradients([{ name: "v", tensor: grads.v! }]);
results.list = [...v.dataSync()];
tf.dispose([value, grads]);

// A gradient that only rank 0 has counts as zero elsewhere; one that nobody has stays away.
const present = comm.rank === 0 ? tf.scalar(6) : null;
const partly = [
  { name: "v", tensor: null },
  { name: "w", tensor: present },
];
const before = tf.memory().numTensors;
optimizer.applyGradients(partly as never);
results.leaked = tf.memory().numTensors - before;
results.partly = [...w.dataSync(), ...v.dataSync()];

// An Adam that the program has changed
const given: number[][] = [];
const changed = tf.train.adam(1);
const ownApply = changed.applyGradients.bind(changed);
changed.applyGradients = (gradients) => {
  for (const { tensor } of gradients as { tensor: Tensor }[])
    given.push([...tensor.dataSync()]);
  ownApply(gradients);
};
distribute(changed);
for (let i = 0; i < 3; i++) changed.minimize(loss, false, [v]);
results.changed = given;

// Twice is once too often
try {
  distribute(optimizer);
} catch (error) {
  results.twice = (error as Error).message;
}

// Ragged batches: rank r has r + 1 rows of value r + 1, so the average over all rows is sum(k²) / sum(k).
const rows = comm.rank + 1;
const model = distribute(
  tf.sequential({
    layers: [
      tf.layers.dense({
        units: 1,
        inputShape: [1],
        useBias: false,
        kernelInitializer: "zeros",
      }),
    ],
  }),
);
model.compile({
  optimizer: tf.train.sgd(1),
  // The loss is minus the mean output: its gradient by the kernel is minus the mean input.
  loss: (_, output) => output.mean().neg(),
});
await model.trainOnBatch(tf.fill([rows, 1], rows), tf.zeros([rows, 1]));
results.ragged = model.getWeights()[0]!.dataSync()[0];
// Rank r has 3 + r rows: rank 0 has no batch of 4.
const few = 3 + comm.rank;
try {
  await model.fit(tf.zeros([few, 1]), tf.zeros([few, 1]), { batchSize: 4 });
} catch (error) {
  results.tooLarge = (error as Error).message;
}
results.optimizerClass = model.optimizer.getClassName();

console.log(JSON.stringify(results));
