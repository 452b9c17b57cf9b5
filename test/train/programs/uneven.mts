// Rank r of 4 has 7, 5, 5, 2 batches of 2 rows an epoch, the last one of a rank with 1 row. One weight, so that every step can
// be followed with a pencil: w ← w − rate × mean of 2x(wx − y) over the rows of all ranks that have a batch.
import { distribute, join, MPI, tf } from "tsmpi";
import { numbers } from "./numbers.mts";

const BATCHES = [7, 5, 5, 2];
const batch = 2;
const epochs = 2;
const rate = 0.1;
const comm = MPI.COMM_WORLD;

const rowsOf = (rank: number) => {
  const count = BATCHES[rank]! * batch - 1;
  return { x: numbers(`x${rank}`, count), y: numbers(`y${rank}`, count) };
};
const all = BATCHES.map((_, rank) => rowsOf(rank));

/** The weight after each step and the loss of each epoch, in double precision. `accumulate` batches a step. */
function closedForm(accumulate = 1) {
  let w = 0.5;
  const loss: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    let [sum, count] = [0, 0];
    for (let step = 0; step * accumulate < Math.max(...BATCHES); step++) {
      const size = batch * accumulate;
      const pairs = all.flatMap(({ x, y }) =>
        [...x.slice(step * size, (step + 1) * size)].map(
          (value, i) => [value, y[step * size + i]!] as const,
        ),
      );
      for (const [x, y] of pairs) sum += (w * x - y) ** 2;
      count += pairs.length;
      const slope =
        pairs.reduce((total, [x, y]) => total + 2 * x * (w * x - y), 0) /
        pairs.length;
      w -= rate * slope;
    }
    loss.push(sum / count);
  }
  return { w, loss };
}

const { x, y } = rowsOf(comm.rank);
const tensorX = tf.tensor2d(x, [x.length, 1]);
const tensorY = tf.tensor2d(y, [y.length, 1]);

function build(options = {}) {
  const model = distribute(
    tf.sequential({
      layers: [
        tf.layers.dense({
          units: 1,
          inputShape: [1],
          useBias: false,
          kernelInitializer: tf.initializers.constant({ value: 0.5 }),
        }),
      ],
    }),
    options,
  );
  model.compile({ optimizer: tf.train.sgd(rate), loss: "meanSquaredError" });
  return model;
}

const batches = Array.from({ length: BATCHES[comm.rank]! }, (_, i) => ({
  start: i * batch,
  size: Math.min(batch, x.length - i * batch),
}));
const sliced = ({ start, size }: (typeof batches)[number]) => ({
  xs: tensorX.slice([start, 0], [size, 1]),
  ys: tensorY.slice([start, 0], [size, 1]),
});
const weightOf = (model: ReturnType<typeof build>) =>
  model.getWeights()[0]!.dataSync()[0]!;

const report = (
  how: string,
  w: number,
  loss?: unknown,
  expected = closedForm(),
) => console.log(JSON.stringify({ how, rank: comm.rank, w, loss, expected }));

const fitOptions = { epochs, batchSize: batch, shuffle: false, verbose: 0 };

const fitted = build();
const fit = await fitted.fit(tensorX, tensorY, fitOptions);
report("fit", weightOf(fitted), fit.history.loss);

const small = build({ bucketBytes: 4 });
await small.fit(tensorX, tensorY, fitOptions);
report("fit with a bucket for each value", weightOf(small));

const streamed = build();
const dataset = tf.data.generator(function* () {
  for (const one of batches) yield sliced(one);
} as never);
const { history } = await streamed.fitDataset(dataset, {
  epochs,
  verbose: 0,
});
report("fitDataset", weightOf(streamed), history.loss);

const counted = build();
const repeated = await counted.fitDataset(dataset.repeat(), {
  epochs,
  batchesPerEpoch: batches.length,
  verbose: 0,
});
report(
  "fitDataset with batchesPerEpoch",
  weightOf(counted),
  repeated.history.loss,
);

for (const accumulate of [2, 3]) {
  const accumulated = build({ accumulate });
  const { history } = await accumulated.fit(tensorX, tensorY, fitOptions);
  report(
    `fit, accumulating ${accumulate}`,
    weightOf(accumulated),
    history.loss,
    closedForm(accumulate),
  );
}

const looped = build();
for (let epoch = 0; epoch < epochs; epoch++) {
  for (const one of batches) {
    const { xs, ys } = sliced(one);
    await looped.trainOnBatch(xs, ys);
    tf.dispose([xs, ys]);
  }
  join(looped);
}
report("trainOnBatch and join", weightOf(looped));

let rows = 0;
const optimizer = distribute(tf.train.sgd(rate), { weight: () => rows });
const w = tf.variable(tf.scalar(0.5));
const before = tf.memory().numTensors;
for (let epoch = 0; epoch < epochs; epoch++) {
  for (const one of batches) {
    rows = one.size;
    tf.tidy(() => {
      const { xs, ys } = sliced(one);
      optimizer.minimize(() => w.mul(xs).sub(ys).square().mean(), false, [w]);
    });
  }
  join(optimizer);
}
report("minimize and join", w.dataSync()[0]!);
if (tf.memory().numTensors !== before) throw new Error("tensors leak");
