import type { data } from "@tensorflow/tfjs";
import type { ModelTraining } from "./model-training";

type Dataset = { iterator(): Promise<Iterator> };
type Iterator = { next(): Promise<IteratorResult<unknown>> };

/** A dataset that tells the training when this rank's batches of an epoch are over: before validation. */
export const endingEpochs = <T extends data.Dataset<never> | object>(
  dataset: T,
  training: ModelTraining,
): T =>
  Object.create(dataset, {
    iterator: {
      value: async () =>
        endingEpoch(await (dataset as Dataset).iterator(), training),
    },
  }) as T;

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
