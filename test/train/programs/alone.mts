// What a rank does that is alone, beside what plain TensorFlow.js does in the same process; prints what differs.
import { distribute, join, noSync, tf } from "tsmpi";
import type { Scalar } from "@tensorflow/tfjs";
import { floats } from "./numbers.mts";

type Model = ReturnType<typeof tf.sequential>;

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

await noSync(optimizer, () => void step(2));
// What waits is applied by the steps of the others, or of nobody.
join(optimizer);
values.push(summed.dataSync()[0]!);

const early = (): string => {
  try {
    join(distribute(tf.train.sgd(1)));
    return "";
  } catch (error) {
    return String(error);
  }
};

/** The weight after a step that is refused. */
const badWeight = (): [string, number] => {
  const weight = tf.variable(tf.ones([1]));
  const badly = distribute(tf.train.sgd(1), { weight: () => 0 });
  try {
    badly.minimize(() => weight.sum<Scalar>());
    return ["", weight.dataSync()[0]!];
  } catch (error) {
    return [String(error), weight.dataSync()[0]!];
  }
};

/** Moving statistics behind a batch of NaN that is left out. */
async function statisticsOfSkipped(): Promise<number[]> {
  const layer = tf.layers.batchNormalization({ inputShape: [1] });
  const model = tf.sequential({
    layers: [layer, tf.layers.dense({ units: 1 })],
  });
  distribute(model, { onNonFinite: "skip" });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  await model.fit(tf.fill([4, 1], NaN), tf.ones([4, 1]), { verbose: 0 });
  return layer
    .getWeights()
    .slice(2)
    .map((weight) => weight.dataSync()[0]!);
}

/** A gradient as the exchange would hand it on: float32, of the variable's shape. */
const odd = (): number[] => {
  const weight = tf.variable(tf.tensor1d([1, 2, 3]));
  const sgd = distribute(tf.train.sgd(1));
  const gradient = tf.tensor2d([[1, 1, 1]], [1, 3], "int32");
  sgd.applyGradients([{ name: weight.name, tensor: gradient }]);
  return [...weight.dataSync()];
};

const disposed = (): string => {
  const weight = tf.variable(tf.ones([1]));
  const sgd = distribute(tf.train.sgd(1));
  const gradient = tf.ones([1]);
  gradient.dispose();
  try {
    sgd.applyGradients([{ name: weight.name, tensor: gradient }]);
    return "";
  } catch (error) {
    return String(error);
  }
};

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
    early: early(),
    badWeight: badWeight(),
    statistics: await statisticsOfSkipped(),
    odd: odd(),
    disposed: disposed(),
  }),
);
