// shard, evaluate and predict on three ranks, against one process on all rows; and each way to misuse them.
import { distribute, evaluate, MPI, predict, shard, tf } from "tsmpi";
import { numbers } from "./numbers.mts";

const comm = MPI.COMM_WORLD;
const { rank, size } = comm;
const rows = 11;
const x = tf.tensor2d(numbers("x", rows * 4), [rows, 4]);
const y = tf.tensor2d(numbers("y", rows * 2), [rows, 2]);
const results: Record<string, unknown> = { rank };

const values = (tensor: { dataSync(): ArrayLike<number> }) =>
  Array.from(tensor.dataSync());
const failure = async (body: () => unknown) => {
  try {
    await body();
    return "no error";
  } catch (error) {
    return (error as Error).message;
  }
};

const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 3, activation: "tanh", inputShape: [4] }),
    tf.layers.dense({ units: 2 }),
  ],
});
distribute(model); // the same weights everywhere
model.compile({
  optimizer: "sgd",
  loss: "meanSquaredError",
  metrics: ["mae"],
});

// This rank's block
const own = shard(x, y);
results.block = { rows: own.rows, totalRows: own.totalRows, x: values(own.x) };
const named = shard({ a: x, b: y });
results.named = [named.x.a.shape, named.x.b.shape];
named.dispose();

// Every row once an epoch, in another order in each, from (seed, epoch)
const row = tf.range(0, rows).expandDims(1);
const rowsOfEpoch = async (dataset: unknown) => {
  const seen: number[][] = [];
  await (
    dataset as {
      forEachAsync(f: (batch: { xs: typeof row }) => void): Promise<void>;
    }
  ).forEachAsync(({ xs }) => {
    seen.push(values(xs));
    xs.dispose();
  });
  return seen;
};
const dataset = shard(row).dataset({ batchSize: 2, seed: 5 });
const first = await rowsOfEpoch(dataset);
const second = await rowsOfEpoch(dataset);
results.epochs = [first, second];
results.again = await rowsOfEpoch(
  shard(row).dataset({ batchSize: 2, seed: 5, epoch: 1 }),
);
results.inOrder = await rowsOfEpoch(
  shard(row).dataset({ batchSize: 2, shuffle: false }),
);
results.size = dataset.size;

// The same as one process on all rows; rank 1 has none
const whole = [model.evaluate(x, y, { batchSize: 3 })]
  .flat()
  .map((scalar) => scalar.dataSync()[0]);
const before = tf.memory().numTensors;
const evaluated = await evaluate(model, own.x, own.y, { batchSize: 2 });
results.evaluated = { own: evaluated, whole };
const count = [4, 0, 7][rank]!;
const start = [0, 4, 4][rank]!;
const part = tf.slice(x, [start, 0], [count, 4]);
const partY = tf.slice(y, [start, 0], [count, 2]);
results.evaluatedParts = await evaluate(model, part, partY);
results.evaluatedDataset = await evaluate(
  model,
  shard(x, y).dataset({ batchSize: 2 }),
);
const expected = values(model.predict(x) as typeof x);
const everywhere = await predict(model, part, { root: "all" });
const atRoot = await predict(model, part, { root: 2, batchSize: 2 });
results.predicted = {
  expected,
  everywhere: values(everywhere as typeof x),
  atRoot: atRoot === null ? null : values(atRoot as typeof x),
};
tf.dispose([part, partY, everywhere, atRoot ?? []]);

// Two outputs of two inputs, of type int32 and float32
const a = tf.input({ shape: [4] });
const b = tf.input({ shape: [2] });
const two = tf.model({
  inputs: [a, b],
  outputs: [
    tf.layers.activation({ activation: "linear" }).apply(a),
    tf.layers.activation({ activation: "linear" }).apply(b),
  ] as (typeof a)[],
});
const [outputA, outputB] =
  ((await predict(two, [own.x, own.y])) as (typeof x)[]) ?? [];
results.two = outputA
  ? [values(outputA), values(outputB!), values(x), values(y)]
  : null;

// Fits, from a dataset whose last batches are uneven
await model.fitDataset(shard(x, y).dataset({ batchSize: 2 }), {
  epochs: 2,
  verbose: 0,
});
const afterOne = tf.memory().numTensors;
await model.fitDataset(shard(x, y).dataset({ batchSize: 2 }), {
  epochs: 2,
  verbose: 0,
});
// A shard itself holds two tensors.
results.leaked = tf.memory().numTensors - afterOne - 2;
results.before = before;

results.failures = {
  rows: await failure(() => shard(x, tf.zeros([rows + 1, 2]))),
  ranks: await failure(() => shard(tf.zeros([rows + rank, 4]))),
  few: await failure(() => shard(tf.zeros([size - 1, 4]))),
  batch: await failure(() => shard(x).dataset({ batchSize: 0 })),
  shapes: await failure(() =>
    predict(model, tf.zeros([2, 4 + (rank === 1 ? 1 : 0)])),
  ),
  unfit: await failure(() => predict(model, tf.zeros([2, 5]))),
  empty: await failure(() => predict(model, tf.zeros([0, 4]))),
  roots: await failure(() => predict(model, x, { root: Math.min(rank, 1) })),
  root: await failure(() => predict(model, x, { root: 3 })),
  evaluate: await failure(() =>
    evaluate(model, tf.zeros([2, rank === 2 ? 5 : 4]), tf.zeros([2, 2])),
  ),
  evaluateNothing: await failure(() =>
    evaluate(model, tf.zeros([0, 4]), tf.zeros([0, 2])),
  ),
};
console.log(JSON.stringify(results));
