// Trains a small model from fixed weights in every way there is, on uneven rows, and prints what became of it. Rank 0 prints.
import {
  distribute,
  evaluate,
  join,
  MPI,
  predict,
  syncBatchNormalization,
  tf,
  weightsSha256,
} from "tsmpi";
import { floats } from "./numbers.mts";

const comm = MPI.COMM_WORLD;

const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 8, activation: "tanh", inputShape: [5] }),
    syncBatchNormalization({ momentum: 0.9 }),
    tf.layers.dense({ units: 2 }),
  ],
});
if (comm.rank === 0)
  model.setWeights(
    model
      .getWeights()
      .map((weight, i) =>
        i < model.trainableWeights.length
          ? floats(`w${i}`, weight.shape)
          : weight,
      ),
  );
distribute(model);
model.compile({
  optimizer: tf.train.adam(0.01),
  loss: "meanSquaredError",
  metrics: ["mae"],
});

// Rank 1 has a ragged batch more.
const rows = 8 + 3 * comm.rank;
const x = floats(`x of rank ${comm.rank}`, [rows, 5]);
const y = floats(`y of rank ${comm.rank}`, [rows, 2]);
const { history } = await model.fit(x, y, {
  epochs: 2,
  batchSize: 4,
  shuffle: false,
  verbose: 0,
  validationData: [x, y],
});
const onBatch = (await model.trainOnBatch(x, y)) as number[];

// A loop of one's own, of which rank 1 makes a turn more.
const w = tf.variable(floats("w", [5, 2]));
const optimizer = distribute(tf.train.momentum(0.1, 0.9));
const tensors = tf.memory().numTensors;
const losses: number[] = [];
for (let step = 0; step < 2 + comm.rank; step++)
  losses.push(
    tf.tidy(
      () =>
        optimizer
          .minimize(() => x.matMul(w).sub(y).square().mean(), true)!
          .dataSync()[0]!,
    ),
  );
join(optimizer);
// The optimizer keeps one tensor of its own.
const left = tf.memory().numTensors - tensors - 1;

const evaluated = await evaluate(model, x, y, { batchSize: 4 });
const predicted = (await predict(model, x, { root: "all" })) as typeof x;
const hashes = comm.allgather(weightsSha256(model));
if (comm.rank === 0)
  console.log(
    JSON.stringify({
      backend: tf.getBackend(),
      isEqual: new Set(hashes).size === 1,
      left,
      numbers: {
        weights: [...model.getWeights(), w].map((weight) => [
          ...weight.dataSync(),
        ]),
        history: Object.values(history),
        onBatch,
        losses,
        evaluated: Object.values(evaluated),
        predicted: [...predicted.dataSync()],
        awaited: [...(await predicted.square().data())],
      },
    }),
  );
