// A character model on a text file:  npx tsrun -n 4 examples/lstm-text.ts --text FILE
// Options: --epochs 5 --steps 100 (a rank and epoch) --batch-size 32 (a rank) --units 128 --seed 1 --sample 200 (characters)
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { distribute, MPI, tf, trainingStats } from "tsmpi";

const { values: options } = parseArgs({
  options: {
    text: { type: "string" },
    epochs: { type: "string", default: "5" },
    steps: { type: "string", default: "100" },
    "batch-size": { type: "string", default: "32" },
    units: { type: "string", default: "128" },
    seed: { type: "string", default: "1" },
    sample: { type: "string", default: "200" },
  },
});
if (options.text === undefined) throw new Error("--text FILE is missing");
const steps = Number(options.steps);
const batchSize = Number(options["batch-size"]);
const seed = Number(options.seed);
const length = 32; // characters that the model sees

const comm = MPI.COMM_WORLD;
const text = comm.bcast(
  comm.rank === 0 ? readFileSync(options.text, "utf8") : null, // rank 0 reads
)!;
const alphabet = [...new Set(text)].sort();
const codes = Int32Array.from(text, (character) => alphabet.indexOf(character));
if (codes.length <= comm.size * (length + 1))
  throw new Error(`${options.text} is too short for ${comm.size} ranks`);

// Each rank reads its part of the text, from random places.
const part = Math.floor(codes.length / comm.size);
const random = numbers(seed + comm.rank);
const windows = tf.data.generator(function* () {
  for (let step = 0; step < steps; step++) {
    const starts = Array.from(
      { length: batchSize },
      () => comm.rank * part + Math.floor(random() * (part - length - 1)),
    );
    const seen = starts.map((start) => [...codes.slice(start, start + length)]);
    const next = starts.map((start) => codes[start + length]!);
    yield {
      xs: tf.tensor2d(seen, [batchSize, length], "int32"),
      ys: tf.tensor2d(next, [batchSize, 1], "int32").toFloat(),
    };
  }
} as never);

const model = distribute(
  tf.sequential({
    layers: [
      tf.layers.embedding({
        inputDim: alphabet.length,
        outputDim: 24,
        inputLength: length,
        embeddingsInitializer: tf.initializers.randomUniform({ seed }),
      }),
      tf.layers.lstm({
        units: Number(options.units),
        kernelInitializer: tf.initializers.glorotUniform({ seed }),
        recurrentInitializer: tf.initializers.glorotUniform({ seed: seed + 1 }),
      }),
      tf.layers.dense({
        units: alphabet.length,
        activation: "softmax",
        kernelInitializer: tf.initializers.glorotUniform({ seed: seed + 2 }),
      }),
    ],
  }),
  { clipGlobalNorm: 1 },
);
model.compile({
  optimizer: tf.train.adam(0.01),
  loss: "sparseCategoricalCrossentropy",
});
const { history } = await model.fitDataset(windows, {
  epochs: Number(options.epochs),
});

if (comm.rank === 0) {
  const losses = (history.loss as number[]).map((loss) => loss.toFixed(3));
  console.log(`loss ${losses.join(" ")}`);
  console.log(
    `${comm.size} ranks, ${Math.round(trainingStats(model).samplesPerSecond)} samples/s`,
  );
  console.log(JSON.stringify(sample(Number(options.sample))));
}

/** Text that the model writes, one character after the other. */
function sample(characters: number): string {
  const random = numbers(seed);
  let written = text.slice(0, length);
  for (let i = 0; i < characters; i++) {
    const last = Int32Array.from(written.slice(-length), (character) =>
      alphabet.indexOf(character),
    );
    const chances = tf.tidy(() =>
      (
        model.predict(tf.tensor2d(last, [1, length])) as ReturnType<
          typeof tf.tensor
        >
      ).dataSync(),
    );
    let left = random();
    const choice = chances.findIndex((chance) => (left -= chance) < 0);
    written += alphabet[Math.max(choice, 0)];
  }
  return written.slice(length);
}

/** The same numbers from 0 to 1 for the same seed. */
function numbers(start: number): () => number {
  let state = start;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
