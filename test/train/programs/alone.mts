// What a rank does that is alone, beside what plain TensorFlow.js does in the same process; prints what differs.
import { distribute, noSync, tf } from "tsmpi";
import type { Scalar } from "@tensorflow/tfjs";
import { numbers } from "./numbers.mts";

type Model = ReturnType<typeof tf.sequential>;

const floats = (name: string, shape: number[]) =>
  tf.tensor(
    numbers(
      name,
      shape.reduce((product, extent) => product * extent, 1),
    ),
    shape,
  );
const x = floats("x", [10, 5]);
const y = floats("y", [10, 2]);

function make(distributed: boolean): Model {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: "relu", inputShape: [5] }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: 2 }),
    ],
  });
  model.setWeights(
    model
      .getWeights()
      .map((weight, i) =>
        i < model.trainableWeights.length
          ? floats(`w${i}`, weight.shape)
          : weight,
      ),
  );
  if (distributed) distribute(model);
  model.compile({
    optimizer: tf.train.adam(0.01),
    loss: "meanSquaredError",
    metrics: ["mae"],
  });
  return model;
}

async function train(model: Model): Promise<unknown> {
  const options = { epochs: 2, shuffle: false, verbose: 0 };
  const fit = await model.fit(x, y, {
    ...options,
    batchSize: 4,
    validationData: [x, y],
  });
  const dataset = tf.data.generator(function* () {
    yield { xs: x.clone(), ys: y.clone() };
    yield { xs: x.slice(0, 3), ys: y.slice(0, 3) };
  });
  const fitDataset = await model.fitDataset(dataset, options);
  return {
    history: [fit.history, fitDataset.history],
    onBatch: await model.trainOnBatch(x, y),
    weights: model.getWeights().map((weight) => [...weight.dataSync()]),
    iterations: model.optimizer.iterations,
  };
}

const [plain, alone] = [await train(make(false)), await train(make(true))];

function loop(distributed: boolean) {
  const w = tf.variable(floats("w", [5, 2]));
  const optimizer = tf.train.momentum(0.1, 0.9);
  if (distributed) distribute(optimizer);
  const tensors = tf.memory().numTensors;
  const losses = Array.from({ length: 4 }, () =>
    tf.tidy(
      () =>
        optimizer
          .minimize(() => x.matMul(w).sub(y).square().mean(), true)!
          .dataSync()[0]!,
    ),
  );
  // The optimizer keeps one tensor for each weight.
  return {
    losses,
    w: [...w.dataSync()],
    left: tf.memory().numTensors - tensors,
  };
}

// Gradients that wait are added to those of the next step.
const summed = tf.variable(tf.zeros([1]));
const optimizer = distribute(tf.train.sgd(1));
const step = (factor: number) =>
  optimizer.minimize(() => summed.mul(factor).sum<Scalar>());
const values: number[] = [];
await noSync(optimizer, () => void step(2));
values.push(summed.dataSync()[0]!);
step(4);
values.push(summed.dataSync()[0]!);
step(8);
values.push(summed.dataSync()[0]!);

const refused = (options: object): [string, number] => {
  const weight = tf.variable(tf.ones([1]));
  const broken = distribute(tf.train.sgd(1), options);
  let message = "";
  try {
    broken.minimize(() => weight.mul(NaN).sum<Scalar>());
  } catch (error) {
    message = String(error);
  }
  return [message, weight.dataSync()[0]!];
};

console.log(
  JSON.stringify({
    training: [plain, alone],
    loops: [loop(false), loop(true)],
    values,
    thrown: refused({}),
    skipped: refused({ onNonFinite: "skip" }),
  }),
);
