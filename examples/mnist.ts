// One small CNN on real digits, trained by four ranks:  npx tsrun -n 4 examples/mnist.ts
// Options: --epochs 10 --batch-size 32 (a rank) --seed 1 --save DIR. Runs as it is on one rank too:  npx tsx examples/mnist.ts
import { parseArgs } from "node:util";
import {
  distribute,
  MPI,
  scatterRows,
  tf,
  trainingStats,
  weightsSha256,
} from "tsmpi";
import { type Digits, loadMnist } from "./support/load-mnist.ts";

const { values: options } = parseArgs({
  options: {
    epochs: { type: "string", default: "10" },
    "batch-size": { type: "string", default: "32" },
    seed: { type: "string", default: "1" },
    save: { type: "string" },
  },
});
const epochs = Number(options.epochs);
const batchSize = Number(options["batch-size"]);
const seed = Number(options.seed);

const comm = MPI.COMM_WORLD;
const digits = comm.rank === 0 ? loadMnist() : null;
const { images, labels } = scatterRows(digits && digits.train); // rank 0 reads; partitions go out over ZeroMQ

const model = distribute(buildModel()); // rank 0's weights everywhere; compile() wraps the optimizer
model.compile({
  optimizer: tf.train.adam(5e-3),
  loss: "categoricalCrossentropy",
  metrics: ["accuracy"],
});
await model.fit(images, labels, { epochs, batchSize }); // unchanged fit

const hashes = comm.gather(weightsSha256(model));
if (digits !== null && hashes !== null) {
  const { seconds, samplesPerSecond, communicationShare } =
    trainingStats(model);
  console.log(`test accuracy ${accuracyOn(digits.test).toFixed(4)}`);
  console.log(`weights sha256 ${hashes[0]}`);
  console.log(
    `${comm.size} ranks, ${seconds.toFixed(1)} s, ${Math.round(samplesPerSecond)} samples/s, ` +
      `${(100 * communicationShare).toFixed(1)} % of the time in communication`,
  );
  const other = hashes.findIndex((hash) => hash !== hashes[0]);
  if (other > 0)
    throw new Error(`rank ${other} has other weights: sha256 ${hashes[other]}`);
  if (options.save !== undefined) await model.save(`file://${options.save}`);
}

function accuracyOn({ images, labels }: Digits): number {
  const [, accuracy] = model.evaluate(
    tf.tensor(images.values, images.shape),
    tf.tensor(labels.values, labels.shape),
    { batchSize: 500 },
  ) as ReturnType<typeof tf.scalar>[];
  return accuracy!.dataSync()[0]!;
}

/** 5,994 parameters. `seed` sets the initial weights; the dropout masks differ on every rank and in every step. */
function buildModel() {
  const he = (layer: number) =>
    tf.initializers.heNormal({ seed: 10 * seed + layer });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [28, 28, 1],
        filters: 8,
        kernelSize: 5,
        kernelInitializer: he(1),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.reLU(), // behind the pool: the same result from a quarter of the elements
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
        units: 10,
        activation: "softmax",
        kernelInitializer: he(3),
      }),
    ],
  });
}
