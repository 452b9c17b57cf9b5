import type { LayersModel, Optimizer, Tensor } from "@tensorflow/tfjs";

/** What all ways to train and test a compiled model go through; TypeScript hides it. */
export interface Trainable {
  readonly optimizer: Optimizer;
  /** Read by `fit` behind each batch and each epoch. */
  stopTraining: boolean;
  testFunction: (data: Tensor[]) => Tensor[];
  /** Loss and metrics, in the order of what the train function returns. */
  getDedupedMetricsNames(): string[];
  /** One step: inputs, targets and sample weights of a batch → loss and metrics. */
  makeTrainFunction(): (data: Tensor[]) => Tensor[];
  makeTestFunction(): void;
  evaluateDataset: LayersModel["evaluateDataset"];
}

/** A Sequential hands everything to a functional model that it builds when it is compiled. */
export function trainableOf(model: LayersModel): Trainable {
  const outer = model as unknown as Trainable & { readonly model?: Trainable };
  return outer.model ?? outer;
}
