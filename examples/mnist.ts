// One small CNN on real digits, trained by four ranks:  npx tsrun -n 4 examples/mnist.ts
// Options: --epochs 8 --batch-size 32 (a rank) --seed 1 --save DIR. Runs as it is on one rank too:  npx tsx examples/mnist.ts
import { parseArgs } from "node:util";
import {
  distribute,
  MPI,
  scatterRows,
  tf,
  trainingStats,
  weightsSha256,
} from "tsmpi";
import { loadMnist } from "./support/load-mnist.ts";

const { values: options } = parseArgs({
  options: {
    epochs: { type: "string", default: "8" },
    "batch-size": { type: "string", default: "32" },
    seed: { type: "string", default: "1" },
    save: { type: "string" },
  },
});
const epochs = Number(options.epochs);
const batchSize = Number(options["batch-size"]);
const seed = Number(options.seed);

const comm = MPI.COMM_WORLD;
const digits = comm.rank === 0 ? loadMnist(seed) : null;
const { images, labels } = scatterRows(digits && digits.train); // rank 0 reads; partitions go out over ZeroMQ

const model = distribute(buildModel()); // rank 0's weights everywhere; compile() wraps the optimizer
model.compile({
  optimizer: tf.train.adam(3e-3),
  loss: "categoricalCrossentropy",
  metrics: ["accuracy"],
});
await model.fit(images, labels, { epochs, batchSize }); // unchanged fit

const hashes = comm.gather(weightsSha256(model));
if (digits !== null && hashes !== null) {
  const { images, labels } = digits.test;
  const [, accuracy] = model.evaluate(
    tf.tensor(images.values, images.shape),
    tf.tensor(labels.values, labels.shape),
    { batchSize: 500 },
  ) as InstanceType<typeof tf.Tensor>[];
  const { seconds, samplesPerSecond, communicationShare } =
    trainingStats(model);
  console.log(`test accuracy ${accuracy!.dataSync()[0]!.toFixed(4)}`);
  console.log(`weights sha256 ${hashes[0]}`);
  console.log(
    `${comm.size} ranks, ${seconds.toFixed(1)} s, ${Math.round(samplesPerSecond)} samples/s, ${(100 * communicationShare).toFixed(1)} % of the time in communication`,
  );
  hashes.forEach((hash, rank) => {
    if (hash !== hashes[0])
      throw new Error(`rank ${rank} ended with other weights: sha256 ${hash}`);
  });
  if (options.save !== undefined) await model.save(`file://${options.save}`);
}

function buildModel() {
  const he = (offset: number) =>
    tf.initializers.heNormal({ seed: 100 * seed + offset });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [28, 28, 1],
        filters: 8,
        kernelSize: 5,
        activation: "relu",
        kernelInitializer: he(1),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({
        filters: 16,
        kernelSize: 5,
        activation: "relu",
        kernelInitializer: he(2),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({
        units: 64,
        activation: "relu",
        kernelInitializer: he(3),
      }),
      tf.layers.dense({
        units: 10,
        activation: "softmax",
        kernelInitializer: he(4),
      }),
    ],
  });
}
