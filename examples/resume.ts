// Saves a checkpoint an epoch, and goes on from the last one when it is started again:  npx tsrun -n 4 examples/resume.ts
// Options: --dir checkpoints --epochs 6 --rows 2000 (in all) --seed 1. Kill it at any time, start it again, and the final weights are
// those of the run that was not killed, to the bit.
import { parseArgs } from "node:util";
import {
  distribute,
  loadCheckpoint,
  MPI,
  saveCheckpoint,
  scatterRows,
  tf,
  weightsSha256,
} from "tsmpi";

const { values: options } = parseArgs({
  options: {
    dir: { type: "string", default: "checkpoints" },
    epochs: { type: "string", default: "6" },
    rows: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});
const rows = Number(options.rows);
const seed = Number(options.seed);

const comm = MPI.COMM_WORLD;
const { x, y } = scatterRows(comm.rank === 0 ? twoRings() : null);

const dense = (units: number, layer: number, inputShape?: number[]) =>
  tf.layers.dense({
    units,
    inputShape,
    activation: "tanh",
    kernelInitializer: tf.initializers.glorotNormal({
      seed: 10 * seed + layer,
    }),
  });
const model = distribute(
  tf.sequential({
    layers: [
      dense(32, 1, [2]),
      tf.layers.dropout({ rate: 0.1 }), // its masks go on, too
      dense(32, 2),
      dense(1, 3),
    ],
  }),
  { seed },
);
model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });

const last = await loadCheckpoint(options.dir, { model });
if (last && comm.rank === 0) console.log(`goes on behind epoch ${last.epoch}`);
await model.fit(x, y, {
  initialEpoch: last?.epoch ?? 0,
  epochs: Number(options.epochs),
  batchSize: 16,
  callbacks: {
    onEpochEnd: async (epoch) => {
      await saveCheckpoint(options.dir, { model, epoch: epoch + 1 });
      if (comm.rank === 0) console.log(`saved epoch ${epoch + 1}`);
    },
  },
});
if (comm.rank === 0) console.log(`weights sha256 ${weightsSha256(model)}`);

/** Points on two rings, and which ring each is on: −1 or 1. */
function twoRings() {
  const points = new Float32Array(2 * rows);
  const rings = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    const ring = i % 2;
    const angle = i * 2.399963; // turns that never meet
    points[2 * i] = (1 + ring) * Math.cos(angle);
    points[2 * i + 1] = (1 + ring) * Math.sin(angle);
    rings[i] = 2 * ring - 1;
  }
  return {
    x: { values: points, shape: [rows, 2] },
    y: { values: rings, shape: [rows, 1] },
  };
}
