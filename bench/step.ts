// Time of a training step of two small models, batch 64 a rank, Adam 1e-3, as one JSON object a line. The models, batches and counts of
// steps are those of PyTorch's side of the comparison in docs/performance.md:
//
//     npx tsrun -n 1 --engine tensorflow -x TF_NUM_INTRAOP_THREADS=1 bench/step.ts
import { distribute, MPI, tf } from "tsmpi";

const BATCH = 64;
const WARM_UP = 20;

const dense = (units: number, activation: "relu" | "softmax") =>
  tf.layers.dense({ units, activation });
const conv = (filters: number) =>
  tf.layers.conv2d({ filters, kernelSize: 3, activation: "relu" });

const MODELS = [
  {
    name: "mlp",
    shape: [784],
    steps: 300,
    layers: () => [
      tf.layers.inputLayer({ inputShape: [784] }),
      ...[dense(512, "relu"), dense(256, "relu"), dense(10, "softmax")],
    ],
  },
  {
    name: "cnn",
    shape: [28, 28, 1],
    steps: 60,
    layers: () => [
      tf.layers.inputLayer({ inputShape: [28, 28, 1] }),
      ...[conv(32), tf.layers.maxPooling2d({ poolSize: 2 })],
      ...[conv(64), tf.layers.maxPooling2d({ poolSize: 2 })],
      tf.layers.flatten(),
      ...[dense(128, "relu"), dense(10, "softmax")],
    ],
  },
];

const { rank, size } = MPI.COMM_WORLD;
for (const { name, shape, steps, layers } of MODELS) {
  const model = distribute(tf.sequential({ layers: layers() }));
  model.compile({
    optimizer: tf.train.adam(1e-3),
    loss: "categoricalCrossentropy",
  });
  const x = tf.randomNormal([BATCH, ...shape]);
  const classes = tf.randomUniform([BATCH], 0, 10, "int32");
  const y = tf.oneHot(classes, 10).toFloat();
  for (let i = 0; i < WARM_UP; i++) await model.trainOnBatch(x, y);
  const start = performance.now();
  for (let i = 0; i < steps; i++) await model.trainOnBatch(x, y);
  const ms = (performance.now() - start) / steps;
  if (rank === 0)
    console.log(
      JSON.stringify({
        model: name,
        ranks: size,
        engine: tf.getBackend(),
        msPerStep: Number(ms.toFixed(3)),
        samplesPerS: Math.round((BATCH * size * 1000) / ms),
      }),
    );
}
