// Trainings on two ranks of which one has fewer batches, with validation: `ends.mts PATTERN CASES`, a JSON list. For each case and rank
// a line: batches it trained on and val_loss of each epoch, and val_loss as all records and the weights of that epoch give it.
import { distribute, MPI, openDataset, tf } from "tsmpi";
import type { OpenDatasetOptions } from "tsmpi";

interface Case {
  readonly mode: NonNullable<OpenDatasetOptions["mode"]> | "tf.data";
  readonly epochs: number;
  readonly initialEpoch?: number;
  readonly batchesPerEpoch?: number;
  /** Of these rank 1 then takes smaller ones, and both have as many to train on. */
  readonly validationBatches?: number;
  /** Rank 0 stops behind so many of its batches. */
  readonly stop?: number;
  /** How records are dealt out for training. */
  readonly dealing?: Pick<OpenDatasetOptions, "partition" | "remainder">;
}

const RECORDS = 120;
const SHARES = [3, 1];
const BATCH = 5;
const { rank } = MPI.COMM_WORLD;
const [pattern, cases] = process.argv.slice(2) as [string, string];
const example = (id: number) => ({ xs: [id / 100], ys: [(2 * id) / 100] });

async function openTraining({ mode, dealing }: Case) {
  if (dealing !== undefined) return open(mode, SHARES, BATCH, dealing);
  const dataset = await open(mode, SHARES);
  // Where speed decides, both would have as many.
  return mode === "dynamic" && rank === 1 ? dataset.take(6) : dataset;
}

async function open(
  mode: Case["mode"],
  shares = [1, 1],
  batch = BATCH,
  dealing?: Case["dealing"],
) {
  if (mode === "tf.data") {
    const count = (RECORDS * shares[rank]!) / (shares[0]! + shares[1]!);
    const first = rank === 0 ? 0 : RECORDS - count;
    const own = Array.from({ length: count }, (_, i) => example(first + i));
    return tf.data.array(own).batch(batch);
  }
  const weights = { by: "weighted", weights: shares } as const;
  const partition = mode === "dynamic" ? undefined : weights;
  const options = { mode, seed: 1, ...(dealing ?? { partition }) };
  const dataset = await openDataset(pattern, options);
  return dataset.map(({ id }) => example(id as number)).batch(batch);
}

async function run(one: Case): Promise<void> {
  const { mode, stop, dealing: _, ...args } = one;
  const model = distribute(
    tf.sequential({
      layers: [
        tf.layers.dense({
          ...{ units: 1, inputShape: [1], kernelInitializer: "zeros" },
        }),
      ],
    }),
  );
  model.compile({ optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
  const isPart = args.validationBatches !== undefined;
  const trained = isPart ? await open(mode) : await openTraining(one);
  const held = await open(mode, [1, 1], isPart && rank === 1 ? 1 : BATCH);
  const batches: number[] = [];
  const expected: number[] = [];
  const { history, epoch } = await model.fitDataset(trained, {
    ...{ ...args, verbose: 0, validationData: held },
    callbacks: {
      async onEpochBegin() {
        batches.push(0);
      },
      async onBatchEnd() {
        if (++batches[batches.length - 1]! === stop && rank === 0)
          model.stopTraining = true;
      },
      async onEpochEnd(_epoch: number, logs?: Record<string, number>) {
        if (logs?.val_loss === undefined || isPart) return;
        const [w, b] = model.getWeights().map((one) => one.dataSync()[0]!);
        let sum = 0;
        for (let id = 0; id < RECORDS; id++) {
          const { xs, ys } = example(id);
          sum += (w! * xs[0]! + b! - ys[0]!) ** 2;
        }
        expected.push(sum / RECORDS);
      },
    },
  });
  const validation = history["val_loss"] ?? [];
  console.log(
    JSON.stringify({ ...one, rank, epoch, batches, validation, expected }),
  );
}

for (const one of JSON.parse(cases) as Case[]) await run(one);
