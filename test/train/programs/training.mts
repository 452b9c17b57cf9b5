// What a training script may do besides a plain fit, on three ranks; each result in closed form or compared over ranks.
import {
  distribute,
  learningRateWarmup,
  MPI,
  noSync,
  scaleLearningRate,
  tf,
  trainingStats,
  weightsSha256,
} from "tsmpi";
import { numbers } from "./numbers.mts";

const comm = MPI.COMM_WORLD;
const { rank, size } = comm;
const results: Record<string, unknown> = { rank };
const quiet = { verbose: 0, shuffle: false } as const;

/** One weight w, output wx. */
const line = (w = 0) =>
  tf.sequential({
    layers: [
      tf.layers.dense({
        units: 1,
        inputShape: [1],
        useBias: false,
        kernelInitializer: tf.initializers.constant({ value: w }),
      }),
    ],
  });
/** Its gradient by w is minus the mean input. */
const minusMean = (_: unknown, output: ReturnType<typeof tf.tensor>) =>
  output.mean().neg();
const column = (...values: number[]) => tf.tensor2d(values, [values.length, 1]);
const weight = (model: ReturnType<typeof line>) =>
  model.getWeights()[0]!.dataSync()[0]!;

// The norm of the averaged gradient (2, 6) is √40, although no rank has that gradient.
{
  const v = tf.variable(tf.tensor1d([0, 0]));
  const optimizer = distribute(tf.train.sgd(1), { clipGlobalNorm: 1 });
  optimizer.minimize(
    () => v.mul(tf.tensor1d([rank + 1, 3 * (rank + 1)])).sum(),
    false,
    [v],
  );
  results.clipped = [...v.dataSync()];
}

// Two steps without sync, of 1 and 2 rows, and one of 3 rows with: one update of the average over all rows.
{
  const model = distribute(line());
  model.compile({ optimizer: tf.train.sgd(1), loss: minusMean });
  await noSync(model, async () => {
    await model.trainOnBatch(column(1 + rank), column(0));
    await model.trainOnBatch(column(2, 2), column(0, 0));
  });
  results.unsynced = weight(model);
  await model.trainOnBatch(column(3, 3, 3), column(0, 0, 0));
  results.synced = weight(model);
}

// A layer is frozen, then unfrozen; and two models train in turns.
{
  const dense = () => tf.layers.dense({ units: 2, useBias: false });
  const build = () =>
    distribute(
      tf.sequential({
        layers: [
          tf.layers.dense({ units: 2, inputShape: [2], useBias: false }),
          dense(),
        ],
      }),
    );
  const [one, other] = [build(), build()];
  const x = tf.tensor2d(numbers(`x${rank}`, 8), [4, 2]);
  const seen: string[][] = [];
  for (const frozen of [true, false]) {
    for (const model of [one, other]) {
      model.layers[0]!.trainable = !frozen;
      model.compile({ optimizer: "adam", loss: "meanSquaredError" });
      const before = model.getWeights().map((w) => w.clone());
      await model.fit(x, x, { ...quiet, batchSize: 2 });
      seen.push(
        model
          .getWeights()
          .map((w, i) =>
            w.sub(before[i]!).abs().max().dataSync()[0]! > 0
              ? "changed"
              : "same",
          ),
      );
    }
  }
  results.frozen = seen;
  results.twoModels = [weightsSha256(one), weightsSha256(other)];
}

// Two outputs, a layer of the user's own, and a dataset of names.
{
  class Scale extends tf.layers.Layer {
    factor!: { read(): ReturnType<typeof tf.tensor> };
    override build() {
      this.factor = this.addWeight(
        "factor",
        [],
        "float32",
        tf.initializers.ones(),
      );
      this.built = true;
    }
    override call(inputs: never) {
      const [input] = [inputs].flat() as ReturnType<typeof tf.tensor>[];
      return tf.tidy(() => input!.mul(this.factor.read()));
    }
    static className = "Scale";
  }
  const input = tf.input({ shape: [2], name: "in" });
  const scaled = new Scale({}).apply(input) as typeof input;
  const outputs = ["first", "second"].map(
    (name) =>
      tf.layers
        .dense({ units: 1, name, kernelInitializer: "ones" })
        .apply(scaled) as typeof input,
  );
  const model = distribute(tf.model({ inputs: input, outputs }));
  model.compile({
    optimizer: "sgd",
    loss: "meanSquaredError",
    metrics: ["mae"],
  });
  const dataset = tf.data.generator(function* () {
    for (let i = 0; i < 3; i++)
      yield {
        xs: { in: tf.fill([2, 2], rank + i) },
        ys: { first: tf.ones([2, 1]), second: tf.zeros([2, 1]) },
      };
  } as never);
  const { history } = await model.fitDataset(dataset, {
    epochs: 2,
    verbose: 0,
    validationData: dataset,
  });
  results.twoOutputs = { history, sha256: weightsSha256(model) };
}

// Dropout, with and without a seed of its own, and the order of rows: what reaches a layer behind them.
{
  const masks: number[][] = [];
  const orders: number[][] = [];
  class Look extends tf.layers.Layer {
    readonly into: number[][];
    constructor(into: number[][]) {
      super({});
      this.into = into;
    }
    override call(inputs: never) {
      const [input] = [inputs].flat() as ReturnType<typeof tf.tensor>[];
      this.into.push([...input!.dataSync()]);
      return input!;
    }
    static className = "Look";
  }
  const train = async (options: object, seed?: number) => {
    masks.length = orders.length = 0;
    const model = distribute(
      tf.sequential({
        layers: [
          tf.layers.inputLayer({ inputShape: [1] }),
          new Look(orders),
          tf.layers.dropout({ rate: 0.5, seed }),
          new Look(masks),
          tf.layers.dense({ units: 1 }),
        ],
      }),
      options,
    );
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const x = column(...Array.from({ length: 64 }, (_, i) => i + 1));
    await model.fit(x, x, { epochs: 2, batchSize: 64, verbose: 0 });
    return {
      masks: masks.map((mask) =>
        mask.map((value) => (value === 0 ? 0 : 1)).join(""),
      ),
      orders: orders.map(String),
    };
  };
  results.random = {
    first: await train({}),
    again: await train({}),
    otherSeed: await train({ seed: 1 }),
    seededLayer: await train({}, 7),
  };
}

// Loss and metrics of a batch and of an epoch; all ranks see the same, weighted by rows.
{
  const model = distribute(line(1));
  model.compile({
    optimizer: tf.train.sgd(0),
    loss: "meanSquaredError",
    metrics: ["mae"],
  });
  const seen: unknown[] = [];
  const count = rank + 1;
  const x = tf.fill([count, 1], rank);
  const zeros = tf.zeros([count, 1]);
  const { history } = await model.fit(x, zeros, {
    ...quiet,
    batchSize: count,
    validationData: rank < 2 ? [x, zeros] : undefined,
    callbacks: {
      onBatchEnd: (_, logs) =>
        void seen.push({ loss: logs!.loss, mae: logs!.mae }),
      onEpochEnd: (_, logs) => void seen.push({ ...logs }),
    },
  });
  results.metrics = { seen, history, samples: trainingStats(model).samples };
  results.trainOnBatch = await model.trainOnBatch(x, zeros);
}

// Stops on all ranks in the same epoch: by EarlyStopping, by one rank in the middle and at the end of an epoch.
{
  const epochsOf = async (
    callbacks: (model: ReturnType<typeof line>) => unknown,
  ) => {
    const model = distribute(line());
    model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
    const x = tf.ones([6, 1]);
    const { epoch } = await model.fit(x, x, {
      ...quiet,
      epochs: 5,
      batchSize: 2,
      callbacks: callbacks(model) as never,
    });
    return { epochs: epoch.length, samples: trainingStats(model).samples };
  };
  const stopOnOne =
    (when: "onBatchEnd" | "onEpochEnd") =>
    (model: ReturnType<typeof line>) => ({
      [when]: (number: number) => {
        if (rank === 1 && number === 1) model.stopTraining = true;
      },
    });
  results.stops = {
    early: await epochsOf(() =>
      tf.callbacks.earlyStopping({ monitor: "loss" }),
    ),
    inEpoch: await epochsOf(stopOnOne("onBatchEnd")),
    atEnd: await epochsOf(stopOnOne("onEpochEnd")),
  };
}

// Moving statistics of an ordinary BatchNorm: the average over ranks, weighted by rows, after every step.
{
  const model = distribute(
    tf.sequential({
      layers: [
        tf.layers.batchNormalization({ inputShape: [1], momentum: 0.5 }),
        tf.layers.dense({ units: 1 }),
      ],
    }),
    { accumulate: 2 },
  );
  model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
  // Rank r has two batches of r + 1 rows, all r: the mean goes 0 → r/2 → 3r/4.
  const rows = tf.fill([2 * (rank + 1), 1], rank);
  await model.fit(rows, rows, { ...quiet, batchSize: rank + 1 });
  const [mean, variance] = model.getWeights().slice(-2);
  results.batchNorm = [mean!.dataSync()[0], variance!.dataSync()[0]];
}

// Warm-up over 4 updates; rank 2 has only one batch of an epoch, and the same rate all the same.
{
  const target = scaleLearningRate(1);
  const model = distribute(line());
  model.compile({ optimizer: tf.train.sgd(target), loss: minusMean });
  const rates: number[] = [];
  const batches = rank === 2 ? 1 : 3;
  const x = tf.ones([batches, 1]);
  await model.fit(x, x, {
    ...quiet,
    epochs: 2,
    batchSize: 1,
    callbacks: [learningRateWarmup({ learningRate: target, steps: 4 })],
  });
  rates.push(
    (model.optimizer as unknown as { learningRate: number }).learningRate,
  );
  results.warmup = {
    target,
    rates,
    w: weight(model),
    sqrt: scaleLearningRate(1, "sqrt"),
  };
}

// Compiled before, and again after.
{
  const model = line();
  model.compile({ optimizer: tf.train.sgd(1), loss: minusMean });
  distribute(model);
  await model.trainOnBatch(column(rank), column(0));
  model.compile({ optimizer: tf.train.sgd(1), loss: minusMean });
  await model.trainOnBatch(column(rank), column(0));
  results.compiledTwice = weight(model);
}

// Nothing is left behind.
{
  const model = distribute(
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 2, inputShape: [1] }),
        tf.layers.batchNormalization(),
        tf.layers.dense({ units: 1 }),
      ],
    }),
    { accumulate: 2, clipGlobalNorm: 1 },
  );
  model.compile({
    optimizer: "adam",
    loss: "meanSquaredError",
    metrics: ["mae"],
  });
  const x = tf.ones([5 + rank, 1]);
  const dataset = tf.data.generator(function* () {
    for (let i = 0; i <= rank; i++)
      yield { xs: tf.ones([2, 1]), ys: tf.ones([2, 1]) };
  } as never);
  const tensors: number[] = [];
  for (let i = 0; i < 3; i++) {
    await model.fit(x, x, {
      ...quiet,
      epochs: 2,
      batchSize: 2,
      validationSplit: 0.2,
    });
    await model.fitDataset(dataset, { epochs: 2, verbose: 0 });
    tensors.push(tf.memory().numTensors);
  }
  results.tensors = tensors.map((count) => count - tensors[0]!);
}

results.size = size;
console.log(JSON.stringify(results));
