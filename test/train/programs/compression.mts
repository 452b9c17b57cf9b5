// Trains a small model with gradients compressed in each way there is, and without; prints what became of it, rank by rank.
import {
  distribute,
  MPI,
  NonFiniteError,
  tf,
  weightsSha256,
  type DistributeOptions,
} from "tsmpi";
import { floats } from "./numbers.mts";

const comm = MPI.COMM_WORLD;
const { rank } = comm;

const x = floats(`x of rank ${rank}`, [32, 6]);
const y = tf.tidy(() => x.matMul(floats("teacher", [6, 2])).tanh());

const newModel = (options: DistributeOptions) => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 12, activation: "tanh", inputShape: [6] }),
      tf.layers.dense({ units: 2 }),
    ],
  });
  model.setWeights(model.getWeights().map((w, i) => floats(`w${i}`, w.shape)));
  distribute(model, { bucketBytes: 256, ...options });
  model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
  return model;
};

const train = async (options: DistributeOptions) => {
  const model = newModel(options);
  const { history } = await model.fit(x, y, {
    ...{ epochs: 40, batchSize: 16, shuffle: false, verbose: 0 },
  });
  const losses = history.loss as number[];
  return {
    first: await firstLoss(options),
    last: losses.at(-1),
    weights: weightsSha256(model),
  };
};

/** Of one batch, before there was an update. */
const firstLoss = async (options: DistributeOptions) => {
  const { history } = await newModel(options).fit(x, y, {
    ...{ epochs: 1, batchSize: 32, verbose: 0 },
  });
  return history.loss![0];
};

/** One rank meets NaN in one step, which is left out; and then goes on. */
const throughNaN = async (options: DistributeOptions) => {
  const model = newModel({ ...options, onNonFinite: "skip" });
  const broken = tf.fill([32, 6], rank === 1 ? NaN : 1);
  await model.trainOnBatch(x, y);
  await model.trainOnBatch(broken, y);
  const before = weightsSha256(model);
  const loss = await model.trainOnBatch(x, y);
  return Number.isFinite(loss) && weightsSha256(model) !== before;
};

/** Its sum is finite, and beyond float16. */
const tooLarge = (options: DistributeOptions): string => {
  const v = tf.variable(tf.zeros([1]));
  const optimizer = distribute(tf.train.sgd(1), options);
  try {
    optimizer.minimize(() => v.mul(60_000).sum(), false, [v]);
    return "none";
  } catch (error) {
    return error instanceof NonFiniteError ? error.message : String(error);
  }
};

const attempt = (options: object): string => {
  try {
    newModel(options);
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
};

const compressions = ["none", "fp16", "bf16", "int8"] as const;
const results: Record<string, unknown> = {};
for (const compression of compressions)
  results[compression] = await train({ compression });
console.log(
  JSON.stringify({
    ...results,
    byFlag: await train({}),
    throughNaN: [
      await throughNaN({ compression: "int8" }),
      await throughNaN({ compression: "fp16" }),
    ],
    tooLarge: tooLarge({ compression: "fp16" }),
    unknown: attempt({ compression: "zip" }),
  }),
);
