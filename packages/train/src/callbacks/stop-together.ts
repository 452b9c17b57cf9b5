import { tf } from "@tsmpi/engine";
import type { LayersModel } from "@tensorflow/tfjs";
import type { ModelTraining } from "../model-training";

/** What `fit` takes. */
export type FitCallbacks = NonNullable<
  Parameters<LayersModel["fit"]>[2]
>["callbacks"];

/** The user's callbacks, and behind them one that stops the training on all ranks if they stopped it on one. */
export function stopTogether(
  callbacks: FitCallbacks,
  training: ModelTraining,
): FitCallbacks {
  const onEpochEnd = async (): Promise<void> => {
    training.agreeToStop();
    return Promise.resolve();
  };
  const given = [callbacks ?? []].flat() as object[];
  // TensorFlow.js takes callback objects or plain ones, not both in one list.
  const last = given.some((callback) => "setParams" in callback)
    ? Object.assign(new (class extends tf.Callback {})(), { onEpochEnd })
    : { onEpochEnd };
  return [...given, last] as FitCallbacks;
}
