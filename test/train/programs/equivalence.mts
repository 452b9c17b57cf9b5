// Trains four models with five optimizers, distributed and, on rank 0, as plain TensorFlow.js does in one process on the same
// rows. Rows lie step by step: the batches of all ranks, put together, are the big batches of the one process; the last step
// is ragged, and rank r has 2 + r rows in it.
import {
  distribute,
  MPI,
  syncBatchNormalization,
  tf,
  weightsSha256,
} from "tsmpi";
import { floats, numbers } from "./numbers.mts";

type Model = ReturnType<typeof tf.model>;
type Rows = ReturnType<typeof tf.tensor>;

const OPTIMIZERS = {
  sgd: () => tf.train.sgd(0.05),
  momentum: () => tf.train.momentum(0.02, 0.9),
  rmsprop: () => tf.train.rmsprop(0.005),
  adam: () => tf.train.adam(0.005),
  adagrad: () => tf.train.adagrad(0.02),
};

const comm = MPI.COMM_WORLD;
const batch = 6;
const fullSteps = 2;
const raggedRows = Array.from({ length: comm.size }, (_, rank) => 2 + rank);
const bigBatch = batch * comm.size;
const raggedStart = fullSteps * bigBatch;
const rows = raggedStart + raggedRows.reduce((sum, count) => sum + count);
const validationRows = 5;

const range = (start: number, count: number) =>
  Array.from({ length: count }, (_, i) => start + i);
const before = raggedRows
  .slice(0, comm.rank)
  .reduce((sum, count) => sum + count, 0);
const own = [
  ...range(0, fullSteps).flatMap((step) =>
    range(step * bigBatch + comm.rank * batch, batch),
  ),
  ...range(raggedStart + before, raggedRows[comm.rank]!),
];
/** Uneven, and none for the last of four. */
const ownValidation = range(0, validationRows).filter(
  (row) => row % Math.min(comm.size, 3) === comm.rank,
);

interface Kind {
  readonly loss: string;
  readonly input: (rows: number, name: string) => Rows[];
  readonly output: (rows: number, name: string) => Rows;
  readonly build: (batchNorm: typeof tf.layers.batchNormalization) => Model;
}

const oneHot = (count: number, name: string) =>
  tf.oneHot(
    tf.tensor1d(
      [...numbers(name, count)].map((value) => (value > 0 ? 1 : 0)),
      "int32",
    ),
    2,
  );

const KINDS: Record<string, Kind> = {
  mlp: {
    loss: "meanSquaredError",
    input: (count, name) => [floats(name, [count, 8])],
    output: (count, name) => floats(`${name} y`, [count, 3]),
    build: () =>
      tf.sequential({
        layers: [
          tf.layers.dense({ units: 12, activation: "tanh", inputShape: [8] }),
          tf.layers.dense({ units: 3 }),
        ],
      }),
  },
  "cnn with batchNorm": {
    loss: "categoricalCrossentropy",
    input: (count, name) => [floats(name, [count, 6, 6, 1])],
    output: (count, name) => oneHot(count, `${name} y`),
    build: (batchNorm) =>
      tf.sequential({
        layers: [
          tf.layers.conv2d({
            filters: 3,
            kernelSize: 3,
            inputShape: [6, 6, 1],
            // A bias in front of BatchNorm has the gradient 0, of which Adam makes steps out of rounding errors.
            useBias: false,
          }),
          batchNorm({ momentum: 0.9 }),
          tf.layers.activation({ activation: "relu" }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2, activation: "softmax" }),
        ],
      }),
  },
  "embedding and lstm": {
    loss: "categoricalCrossentropy",
    input: (count, name) => [
      floats(name, [count, 4]).abs().mul(10).floor().clipByValue(0, 9),
    ],
    output: (count, name) => oneHot(count, `${name} y`),
    build: () =>
      tf.sequential({
        layers: [
          tf.layers.embedding({ inputDim: 10, outputDim: 4, inputLength: 4 }),
          tf.layers.lstm({ units: 5, recurrentInitializer: "glorotNormal" }),
          tf.layers.dense({ units: 2, activation: "softmax" }),
        ],
      }),
  },
  "two inputs": {
    loss: "meanSquaredError",
    input: (count, name) => [
      floats(`${name} a`, [count, 4]),
      floats(`${name} b`, [count, 3]),
    ],
    output: (count, name) => floats(`${name} y`, [count, 1]),
    build: () => {
      const a = tf.input({ shape: [4] });
      const b = tf.input({ shape: [3] });
      const hidden = [a, b].map((input) =>
        tf.layers.dense({ units: 6, activation: "relu" }).apply(input),
      ) as (typeof a)[];
      const joined = tf.layers.concatenate().apply(hidden);
      const output = tf.layers.dense({ units: 1 }).apply(joined);
      return tf.model({ inputs: [a, b], outputs: output as typeof a });
    },
  },
};

const take = (tensor: Rows, indices: readonly number[]) =>
  tf.gather(tensor, tf.tensor1d([...indices], "int32"));

for (const [kindName, kind] of Object.entries(KINDS)) {
  const x = kind.input(rows, kindName);
  const y = kind.output(rows, kindName);
  const validationX = kind.input(validationRows, `${kindName} validation`);
  const validationY = kind.output(validationRows, `${kindName} validation`);

  const train = async (
    model: Model,
    makeOptimizer: () => ReturnType<typeof tf.train.sgd>,
    { indices, validation }: { indices: number[]; validation: number[] },
    batchSize: number,
  ) => {
    model.compile({
      optimizer: makeOptimizer(),
      loss: kind.loss,
      metrics: [kind.loss === "meanSquaredError" ? "mae" : "accuracy"],
    });
    const { history } = await model.fit(
      x.map((input) => take(input, indices)),
      take(y, indices),
      {
        epochs: 2,
        batchSize,
        shuffle: false,
        verbose: 0,
        validationData:
          validation.length === 0
            ? undefined
            : [
                validationX.map((input) => take(input, validation)),
                take(validationY, validation),
              ],
      },
    );
    return {
      history,
      weights: model.getWeights().map((weight) => [...weight.dataSync()]),
    };
  };

  for (const [optimizerName, makeOptimizer] of Object.entries(OPTIMIZERS)) {
    const model = kind.build(syncBatchNormalization as never);
    // Only rank 0 has the right weights: the others get them from `distribute`.
    if (comm.rank === 0)
      model.setWeights(
        model
          .getWeights()
          .map((weight, i) =>
            i < model.trainableWeights.length
              ? floats(`w${i}`, weight.shape).div(2)
              : weight,
          ),
      );
    const initial = model.getWeights().map((weight) => weight.clone());
    const split = await train(
      distribute(model),
      makeOptimizer as never,
      { indices: own, validation: ownValidation },
      batch,
    );
    const hashes = comm.gather(weightsSha256(model));
    const histories = comm.gather(split.history);
    if (comm.rank > 0) continue;
    const plain = kind.build(tf.layers.batchNormalization);
    plain.setWeights(initial);
    const whole = await train(
      plain,
      makeOptimizer as never,
      { indices: range(0, rows), validation: range(0, validationRows) },
      bigBatch,
    );
    console.log(
      JSON.stringify({
        model: kindName,
        optimizer: optimizerName,
        hashes,
        histories,
        history: whole.history,
        weights: split.weights,
        expected: whole.weights,
      }),
    );
  }
}
