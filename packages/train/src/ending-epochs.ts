import type { data } from "@tensorflow/tfjs";
import type { ModelTraining } from "./model-training";

type Dataset = { iterator(): Promise<Iterator> };
type Iterator = {
  next(): Promise<IteratorResult<unknown>>;
  return?(): Promise<unknown>;
};

/**
 * A dataset that tells the training when this rank's batches of an epoch are over: before validation. When `train` is through with
 * it, what it has not been read to its end is closed: TensorFlow.js leaves it where it is.
 */
export async function withEndingEpochs<
  T extends data.Dataset<never> | object,
  R,
>(
  dataset: T,
  training: ModelTraining,
  train: (dataset: T) => Promise<R>,
): Promise<R> {
  let last: Iterator | null = null;
  const iterator = async (): Promise<Iterator> => {
    last = await (dataset as Dataset).iterator();
    return endingEpoch(last, training);
  };
  try {
    return await train(
      Object.create(dataset, { iterator: { value: iterator } }) as T,
    );
  } finally {
    await (last as Iterator | null)?.return?.();
  }
}

const endingEpoch = (iterator: Iterator, training: ModelTraining): Iterator =>
  Object.create(iterator, {
    next: {
      value: async () => {
        const result = await iterator.next();
        if (result.done) training.endBatches();
        return result;
      },
    },
  }) as Iterator;
