// Saves and loads, on two ranks, with each optimizer; and each way in which a checkpoint can be unfit. argv: an empty folder.
import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import {
  distribute,
  loadCheckpoint,
  MPI,
  saveCheckpoint,
  tf,
  weightsSha256,
} from "tsmpi";
import { numbers } from "./numbers.mts";

const comm = MPI.COMM_WORLD;
const folder = process.argv[2]!;
const results: Record<string, unknown> = { rank: comm.rank };

const OPTIMIZERS = {
  sgd: () => tf.train.sgd(0.05),
  momentum: () => tf.train.momentum(0.05, 0.9),
  rmsprop: () => tf.train.rmsprop(0.01, 0.9, 0.1),
  adam: () => tf.train.adam(0.01),
  adamax: () => tf.train.adamax(0.01),
  adagrad: () => tf.train.adagrad(0.05),
  adadelta: () => tf.train.adadelta(0.5),
};
const x = tf.tensor2d(numbers(`x${comm.rank}`, 60), [20, 3]);
const y = tf.tensor2d(numbers(`y${comm.rank}`, 20), [20, 1]);

const build = (optimizer: unknown, units = 4) => {
  const model = distribute(
    tf.sequential({
      layers: [
        tf.layers.dense({ units, inputShape: [3], activation: "tanh" }),
        tf.layers.batchNormalization(),
        tf.layers.dropout({ rate: 0.25 }),
        tf.layers.dense({ units: 1 }),
      ],
    }),
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
  const model = build(make());
  let path = "";
  await fit(model, 0, 4, async (epoch) => {
    if (epoch !== 1) return;
    const extra = { name, list: [1, null, "ä"] };
    const content = { model, epoch: 2, step: 17, extra };
    path = await saveCheckpoint(`${folder}/${name}`, content);
  });
  const straight = weightsSha256(model);
  // Another model, with other initial weights, goes on from there; twice, since loading must replace what is there.
  const other = build(make());
  await fit(other, 0, 1);
  for (const from of [`${folder}/${name}`, path]) {
    const before = tf.memory().numTensors;
    const found = await loadCheckpoint(from, { model: other });
    if (found?.epoch !== 2 || found.step !== 17) throw new Error("epoch, step");
    results.extra = found.extra;
    if (from === path) results.leaked = tf.memory().numTensors - before;
    await fit(other, 2, 4);
    resumed[`${name} from ${from === path ? "file" : "folder"}`] =
      weightsSha256(other) === straight;
  }
}
results.resumed = resumed;

const model = build("adam");
await fit(model, 0, 1);
results.nothing = [
  await loadCheckpoint(`${folder}/none`, { model }),
  await loadCheckpoint(folder, { model }),
];
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
  text: await unfit("text", (path) =>
    writeFileSync(path, "hello, world, here I am"),
  ),
  version: await unfit("version", (path) =>
    rewrite(path, '"version":"1"', '"version":"2"'),
  ),
  model: await failure(() =>
    loadCheckpoint(whole, { model: build("adam", 5) }),
  ),
  optimizer: await failure(() =>
    loadCheckpoint(whole, { model: build("sgd") }),
  ),
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
  place: await failure(() =>
    saveCheckpoint("/dev/null/x", { model, epoch: 1 }),
  ),
};
console.log(JSON.stringify(results));
