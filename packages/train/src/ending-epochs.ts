import type { LayersModel } from "@tensorflow/tfjs";
import { type Iterator, withClosedIterators } from "./closed-iterators";
import type { ModelTraining } from "./model-training";

type FitDatasetArguments = Parameters<LayersModel["fitDataset"]>[1];

/**
 * A dataset, and arguments, with which `fitDataset` ends epochs as one on all ranks: who has no batch any more tells the training,
 * and whether there is validation is decided for all. With `batchesPerEpoch` that is so where any rank has come that far; where
 * none has, all have run out of batches, and TensorFlow.js says so.
 */
export const withEndingEpochs = <T extends object, R>(
  dataset: T,
  args: FitDatasetArguments,
  { training, train, readsAhead }: FitDatasetOptions<T, R>,
): Promise<R> => {
  const { epochs, initialEpoch = 0 } = args;
  let left = epochs - initialEpoch;
  const isFollowed = () => --left > 0 && readsAhead;
  return withClosedIterators(
    dataset,
    (ending) => train(ending, withEnds(args, training)),
    {
      present: (iterator) => endingEpoch(iterator, args, training),
      isFollowed,
    },
  );
};

interface FitDatasetOptions<T, R> {
  readonly training: ModelTraining;
  readonly train: (dataset: T, args: FitDatasetArguments) => Promise<R>;
  /** Whether the datasets of all ranks can be at work on the next epoch while one is under way. */
  readonly readsAhead: boolean;
}

/** TensorFlow.js reads `batchesPerEpoch` before and after each batch: 0 is always reached, and Infinity never, nor is there validation. */
function withEnds(
  args: FitDatasetArguments,
  training: ModelTraining,
): FitDatasetArguments {
  const { batchesPerEpoch } = args;
  if (batchesPerEpoch == null) return args;
  return Object.defineProperty({ ...args }, "batchesPerEpoch", {
    get: () => {
      switch (training.epochEnd) {
        case "complete":
          return 0;
        case "stopped":
          return Infinity;
        case "short":
        case null:
          return batchesPerEpoch;
      }
    },
  });
}

/** Neither a batch nor the end. */
const NEITHER = { done: false, value: null } as const;

const endingEpoch = (
  iterator: Iterator,
  { batchesPerEpoch }: FitDatasetArguments,
  training: ModelTraining,
): Iterator =>
  Object.create(iterator, {
    next: {
      value: async () => {
        const result = await training.waitForInput(() => iterator.next());
        if (!result.done) return result;
        switch (training.endBatches()) {
          case "complete":
            return batchesPerEpoch == null ? result : NEITHER;
          case "stopped":
            return NEITHER;
          case "short":
            return result;
        }
      },
    },
  }) as Iterator;
