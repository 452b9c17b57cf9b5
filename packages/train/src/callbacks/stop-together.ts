import { tf } from "@tsmpi/engine";
import type { CustomCallback } from "@tensorflow/tfjs";
import type { ModelTraining } from "../model-training";

/** Stops the training on all ranks if another callback, or the user's code, stopped it on one. It comes last. */
export const stopTogether = (training: ModelTraining): CustomCallback =>
  new tf.CustomCallback({
    onEpochEnd: async () => {
      training.agreeToStop();
      return Promise.resolve();
    },
  });
