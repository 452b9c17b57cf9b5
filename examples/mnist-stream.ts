// Real digits from 16 TFRecord shards, streamed to four ranks:  npx tsrun -n 4 examples/mnist-stream.ts
// Options: --mode scatter|assigned|dynamic --epochs 10 --batch-size 32 (a rank) --seed 1 --dir DIR (where the shards lie, or are made)
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  distribute,
  epochSummary,
  MPI,
  openDataset,
  tf,
  trainingStats,
  writeRecords,
} from "tsmpi";
import { asTraining } from "./support/as-training.ts";
import { type Digits, loadMnist } from "./support/load-mnist.ts";

const { values: options } = parseArgs({
  options: {
    mode: { type: "string", default: "scatter" },
    epochs: { type: "string", default: "10" },
    "batch-size": { type: "string", default: "32" },
    seed: { type: "string", default: "1" },
    dir: { type: "string", default: join(tmpdir(), "tsmpi-mnist-shards") },
  },
});
const mode = options.mode as "scatter" | "assigned" | "dynamic";
const seed = Number(options.seed);
const SHARDS = 16;
const [PIXELS, CLASSES] = [28 * 28, 10];

const comm = MPI.COMM_WORLD;
const digits = comm.rank === 0 ? loadMnist() : null;
if (digits !== null) await writeShards(digits.train);
comm.barrier(); // the shards are there

const dataset = await openDataset(join(options.dir, "*.tfrecord"), {
  features: {
    image: { dtype: "float32", shape: [PIXELS] },
    label: { dtype: "int32", shape: [] },
  },
  ...{ mode, seed },
});
const batches = dataset
  .shuffle(1_000)
  .map(asTraining)
  .batch(Number(options["batch-size"]))
  .prefetch(32, { background: true });

const model = distribute(buildModel());
model.compile({
  optimizer: tf.train.adam(5e-3),
  loss: "categoricalCrossentropy",
  metrics: ["accuracy"],
});
await model.fitDataset(batches, {
  epochs: Number(options.epochs),
  callbacks: {
    // Every record went to exactly one rank, or this says which did not.
    async onEpochEnd() {
      const { text } = await epochSummary(batches);
      if (comm.rank === 0) console.log(text);
    },
  },
});

const { seconds, samplesPerSecond, inputShare } = trainingStats(model);
const waited = comm.gather(inputShare);
if (digits !== null && waited !== null) {
  const share = 100 * Math.max(...waited);
  console.log(`test accuracy ${accuracyOn(digits.test).toFixed(4)}`);
  console.log(
    `${comm.size} ranks, ${mode}, ${seconds.toFixed(1)} s, ${Math.round(samplesPerSecond)} samples/s, ` +
      `${share.toFixed(2)} % of the time waiting for input`,
  );
}

/** Once: each shard has every 16th digit. */
async function writeShards({ images, labels }: Digits): Promise<void> {
  mkdirSync(options.dir, { recursive: true });
  for (let shard = 0; shard < SHARDS; shard++) {
    const five = (number: number) => String(number).padStart(5, "0");
    const name = `mnist-${five(shard)}-of-${five(SHARDS)}.tfrecord`;
    const path = join(options.dir, name);
    if (existsSync(path)) continue;
    const rows = Array.from(
      { length: images.shape[0] / SHARDS },
      (_, i) => i * SHARDS + shard,
    );
    const records = rows.map((row) => ({
      image: images.values.subarray(row * PIXELS, (row + 1) * PIXELS),
      label: labels.values
        .subarray(row * CLASSES, (row + 1) * CLASSES)
        .indexOf(1),
    }));
    await writeRecords(path, records);
  }
}

function accuracyOn({ images, labels }: Digits): number {
  const [, accuracy] = model.evaluate(
    tf.tensor(images.values, [images.shape[0], PIXELS]),
    tf.tensor(labels.values, labels.shape),
    { batchSize: 500 },
  ) as ReturnType<typeof tf.scalar>[];
  return accuracy!.dataSync()[0]!;
}

/** That of mnist.ts, of pixels in a row. */
function buildModel() {
  const he = (layer: number) =>
    tf.initializers.heNormal({ seed: 10 * seed + layer });
  return tf.sequential({
    layers: [
      tf.layers.reshape({ inputShape: [PIXELS], targetShape: [28, 28, 1] }),
      tf.layers.conv2d({
        filters: 8,
        kernelSize: 5,
        kernelInitializer: he(1),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.reLU(),
      tf.layers.conv2d({
        filters: 16,
        kernelSize: 5,
        kernelInitializer: he(2),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.reLU(),
      tf.layers.flatten(),
      tf.layers.dropout({ rate: 0.3 }),
      tf.layers.dense({
        units: CLASSES,
        activation: "softmax",
        kernelInitializer: he(3),
      }),
    ],
  });
}
