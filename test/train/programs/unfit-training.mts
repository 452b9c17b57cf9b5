// Each way to go wrong, on three ranks, in a job of its own kind: prints the error that each rank gets. After an error that
// leaves ranks out of step the job ends, so those come one a job (argv).
import { distribute, join, MPI, tf } from "tsmpi";

const { rank } = MPI.COMM_WORLD;
const quiet = { verbose: 0, shuffle: false } as const;
const x = tf.ones([4, 2]);
const y = tf.ones([4, 1]);
let attempt = 0;

async function report(what: string, body: () => unknown): Promise<void> {
  attempt++;
  let message = "no error";
  let code = "";
  try {
    await body();
  } catch (error) {
    ({ message } = error as Error);
    code = (error as { code?: string }).code ?? "";
  }
  console.log(JSON.stringify({ what, rank, code, message }));
}

const build = (options = {}) => {
  const model = distribute(
    tf.sequential({
      layers: [
        tf.layers.dense({
          units: 2,
          inputShape: [2],
          name: `hidden${attempt}`,
        }),
        tf.layers.dense({ units: 1, name: `output${attempt}` }),
      ],
    }),
    options,
  );
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  return model;
};

const together: Record<string, () => unknown> = {
  "no rows on a rank": () => {
    const rows = rank === 1 ? 0 : 4;
    return build().fit(tf.ones([rows, 2]), tf.ones([rows, 1]), quiet);
  },
  "a batch size larger than the partition": () => {
    const rows = rank === 2 ? 3 : 4;
    const options = { ...quiet, batchSize: 4 };
    return build().fit(tf.ones([rows, 2]), tf.ones([rows, 1]), options);
  },
  "different epochs": () => build().fit(x, y, { ...quiet, epochs: 1 + rank }),
  "not compiled": () =>
    distribute(
      tf.sequential({
        layers: [tf.layers.dense({ units: 1, inputShape: [2] })],
      }),
    ).fit(x, y, quiet),
  "a model that is distributed already": () => distribute(build()),
  "an optimizer that is distributed already": () =>
    distribute(distribute(tf.train.adam(0.1))),
  "an option that is not there": () => build({ batchsize: 3 }),
  "a wrong option": () => build({ accumulate: 0 }),
  "different options": () => build({ accumulate: rank + 1 }).fit(x, y, quiet),
  "NaN in a gradient": () => {
    const model = build();
    const bad = rank === 1 ? tf.fill([4, 2], NaN) : x;
    return model.fit(bad, y, { ...quiet, batchSize: 2 });
  },
  "infinity on two ranks": async () => {
    const model = build();
    await model.fit(x, y, quiet);
    return model.fit(rank > 0 ? tf.fill([4, 2], 1e30) : x, y, quiet);
  },
  "a dataset without a batch": () => {
    const dataset = tf.data.generator(function* () {
      for (let i = 0; i < 2 && rank !== 2; i++)
        yield { xs: tf.ones([2, 2]), ys: tf.ones([2, 1]) };
    } as never);
    return build().fitDataset(dataset, { epochs: 2, verbose: 0 });
  },
  "a weight of 0": () => {
    const v = tf.variable(tf.scalar(1));
    const optimizer = distribute(tf.train.sgd(1), { weight: () => rank });
    optimizer.minimize(() => v.square(), false, [v]);
  },
  "join before a step": () => {
    const v = tf.variable(tf.scalar(1));
    const optimizer = distribute(tf.train.sgd(1));
    if (rank === 0) join(optimizer);
    else optimizer.minimize(() => v.square(), false, [v]);
  },
};

const alone: Record<string, () => unknown> = {
  "a layout that changes on one rank": async () => {
    const model = build();
    await model.fit(x, y, quiet);
    if (rank === 1) {
      model.layers[0]!.trainable = false;
      model.compile({ optimizer: model.optimizer, loss: "meanSquaredError" });
    }
    await model.fit(x, y, quiet);
  },
  "a layout that changes while gradients accumulate": async () => {
    const v = tf.variable(tf.scalar(1));
    const w = tf.variable(tf.tensor1d([1, 2]));
    const optimizer = distribute(tf.train.sgd(1), { accumulate: 2 });
    optimizer.minimize(() => v.square(), false, [v]);
    optimizer.minimize(() => w.square().sum(), false, [w]);
  },
};

const only = process.argv[2];
if (only !== undefined) await report(only, alone[only]!);
else {
  for (const [what, body] of Object.entries(together)) await report(what, body);
  // Steps with NaN are left out, on every rank; the others count.
  const model = build({ onNonFinite: "skip" });
  const { history } = await model.fit(
    rank === 1 ? tf.tensor2d([1, 1, NaN, 1, 1, 1, 1, 1], [4, 2]) : x,
    y,
    { ...quiet, batchSize: 1 },
  );
  console.log(
    JSON.stringify({
      what: "skipped",
      rank,
      loss: history.loss![0],
      iterations: model.optimizer.iterations,
    }),
  );
}
