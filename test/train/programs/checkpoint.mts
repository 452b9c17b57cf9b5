// Saves and loads, on two ranks, with each optimizer; and each way in which a checkpoint can be unfit. argv: an empty folder.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import {
  distribute,
  loadCheckpoint,
  MPI,
  noSync,
  saveCheckpoint,
  tf,
  weightsSha256,
} from "tsmpi";
import { numbers } from "./numbers.mts";

const comm = MPI.COMM_WORLD;
const folder = process.argv[2]!;
const results: Record<string, unknown> = { rank: comm.rank };

const OPTIMIZERS = {
  sgd: (rate = 1) => tf.train.sgd(rate * 0.05),
  momentum: (rate = 1) => tf.train.momentum(rate * 0.05, 0.9),
  rmsprop: (rate = 1) => tf.train.rmsprop(rate * 0.01, 0.9, 0.1),
  // Centred, TensorFlow.js takes its epsilon the wrong way round: a positive one makes NaN of small gradients.
  rmspropCentered: (rate = 1) =>
    tf.train.rmsprop(rate * 0.01, 0.9, 0.1, -1e-3, true),
  adam: (rate = 1) => tf.train.adam(rate * 0.01),
  adamAccumulating: (rate = 1) => tf.train.adam(rate * 0.01),
  adamax: (rate = 1) => tf.train.adamax(rate * 0.01),
  adagrad: (rate = 1) => tf.train.adagrad(rate * 0.05),
  adadelta: (rate = 1) => tf.train.adadelta(rate * 0.01),
};
const x = tf.tensor2d(numbers(`x${comm.rank}`, 60), [20, 3]);
const y = tf.tensor2d(numbers(`y${comm.rank}`, 20), [20, 1]);

const build = (
  optimizer: unknown,
  { units = 4, trainable = true, accumulate = 1 } = {},
) => {
  const model = distribute(
    tf.sequential({
      layers: [
        tf.layers.dense({
          ...{ units, trainable, inputShape: [3], activation: "tanh" },
        }),
        tf.layers.batchNormalization(),
        tf.layers.dropout({ rate: 0.25 }),
        tf.layers.dense({ units: 1 }),
      ],
    }),
    { accumulate },
  );
  model.compile({ optimizer: optimizer as never, loss: "meanSquaredError" });
  return model;
};
const fit = (
  model: ReturnType<typeof build>,
  from: number,
  to: number,
  onEpochEnd?: (epoch: number) => Promise<void>,
) =>
  model.fit(x, y, {
    initialEpoch: from,
    epochs: to,
    batchSize: 7,
    verbose: 0,
    callbacks: { onEpochEnd },
  });

const resumed: Record<string, boolean> = {};
for (const [name, make] of Object.entries(OPTIMIZERS)) {
  const options = { accumulate: name === "adamAccumulating" ? 2 : 1 };
  const model = build(make(), options);
  let path = "";
  await fit(model, 0, 4, async (epoch) => {
    if (epoch !== 1) return;
    const extra = { name, list: [1, null, "ä"] };
    const content = { model, epoch: 2, step: 17, extra };
    path = await saveCheckpoint(`${folder}/${name}`, content);
  });
  const straight = weightsSha256(model);
  const isFinite = model
    .getWeights()
    .every((weight) => weight.dataSync().every(Number.isFinite));
  // Another model, with other initial weights and another learning rate, goes on from there; twice, since loading must replace what is there.
  const other = build(make(0.5), options);
  await fit(other, 0, 1);
  for (const from of [`${folder}/${name}`, path]) {
    const before = tf.memory().numTensors;
    const found = await loadCheckpoint(from, { model: other });
    if (found?.epoch !== 2 || found.step !== 17) throw new Error("epoch, step");
    results.extra = found.extra;
    if (from === path) results.leaked = tf.memory().numTensors - before;
    await fit(other, 2, 4);
    resumed[`${name} from ${from === path ? "file" : "folder"}`] =
      isFinite &&
      weightsSha256(other) === straight &&
      other.optimizer.iterations === model.optimizer.iterations;
  }
}
results.resumed = resumed;

const model = build("adam");
await fit(model, 0, 1);
results.nothing = [
  await loadCheckpoint(`${folder}/none`, { model }),
  await loadCheckpoint(folder, { model }),
];
if (comm.rank === 0) {
  // What a writer left that was killed.
  mkdirSync(`${folder}/kept`);
  const { pid } = spawnSync(process.execPath, ["--version"]);
  writeFileSync(`${folder}/kept/.checkpoint-1.${pid}.tmp`, "half");
}
const paths: string[] = [];
for (let epoch = 1; epoch <= 4; epoch++)
  paths.push(await saveCheckpoint(`${folder}/kept`, { model, epoch, keep: 2 }));
results.kept = paths.map((path) => path.slice(folder.length));

const failure = async (body: () => Promise<unknown>) => {
  try {
    await body();
    return { message: "no error" };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    return { code, message: message.replaceAll(folder, "…") };
  }
};
const whole = paths[3]!;
const unfit = (name: string, spoil: (path: string) => void) => {
  const path = `${folder}/${name}.safetensors`;
  if (comm.rank === 0) {
    copyFileSync(whole, path);
    spoil(path);
  }
  return failure(() => loadCheckpoint(path, { model }));
};
const rewrite = (path: string, from: string, to: string) =>
  writeFileSync(
    path,
    Buffer.from(readFileSync(path, "latin1").replace(from, to), "latin1"),
  );
/** A folder whose newest checkpoint is cut short. */
const damagedNewest = () => {
  const path = `${folder}/damaged`;
  if (comm.rank > 0) return path;
  mkdirSync(path);
  copyFileSync(paths[2]!, `${path}/checkpoint-00000001.safetensors`);
  copyFileSync(whole, `${path}/checkpoint-00000002.safetensors`);
  truncateSync(`${path}/checkpoint-00000002.safetensors`, 1_500);
  return path;
};
const sgd = build("sgd");
results.failures = {
  cut: await unfit("cut", (path) => truncateSync(path, 1_500)),
  cutHeader: await unfit("cut-header", (path) => truncateSync(path, 100)),
  empty: await unfit("empty", (path) => truncateSync(path, 0)),
  bit: await unfit("bit", (path) => {
    const bytes = readFileSync(path);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(path, bytes);
  }),
  longer: await unfit("longer", (path) => appendFileSync(path, "more")),
  headerOnly: await unfit("header-only", (path) => {
    const headerBytes = Number(readFileSync(path).readBigUInt64LE());
    truncateSync(path, 8 + headerBytes);
  }),
  shape: await unfit("shape", (path) =>
    rewrite(path, '"F32","shape":[3,4]', '"F32","shape":[3,9]'),
  ),
  foreign: await unfit("foreign", (path) =>
    rewrite(path, '"sha256":', '"sha999":'),
  ),
  otherFormat: await unfit("other-format", (path) =>
    rewrite(path, '"format":"tsmpi-', '"format":"other-'),
  ),
  text: await unfit("text", (path) =>
    writeFileSync(path, "hello, world, here I am"),
  ),
  version: await unfit("version", (path) =>
    rewrite(path, '"version":"1"', '"version":"2"'),
  ),
  model: await failure(() =>
    loadCheckpoint(whole, { model: build("adam", { units: 5 }) }),
  ),
  // Built before, since building is collective, too.
  rank1: await failure(() =>
    loadCheckpoint(whole, { model: comm.rank === 1 ? sgd : model }),
  ),
  frozen: await failure(() =>
    loadCheckpoint(whole, { model: build("adam", { trainable: false }) }),
  ),
  newest: await failure(() => loadCheckpoint(damagedNewest(), { model })),
  optimizer: await failure(() => loadCheckpoint(whole, { model: sgd })),
  notCompiled: await failure(() =>
    loadCheckpoint(whole, {
      model: tf.sequential({
        layers: [tf.layers.dense({ units: 1, inputShape: [1] })],
      }),
    }),
  ),
  extra: await failure(() =>
    saveCheckpoint(folder, { model, epoch: 1, extra: { when: new Date() } }),
  ),
  epoch: await failure(() => saveCheckpoint(folder, { model, epoch: -1 })),
  rank1Epoch: await failure(() =>
    saveCheckpoint(folder, { model, epoch: comm.rank === 1 ? 0.5 : 1 }),
  ),
  noFile: await failure(() =>
    loadCheckpoint(`${folder}/checkpoint-00000099.safetensors`, { model }),
  ),
  noFolder: await failure(() => loadCheckpoint("/dev/null/x", { model })),
  place: await failure(() =>
    saveCheckpoint("/dev/null/x", { model, epoch: 1 }),
  ),
  // Behind all else: this model is in the middle of an update from then on.
  accumulating: await failure(() =>
    noSync(model, async () => {
      await model.trainOnBatch(x, y);
      await saveCheckpoint(folder, { model, epoch: 1 });
    }),
  ),
};
console.log(JSON.stringify(results));
