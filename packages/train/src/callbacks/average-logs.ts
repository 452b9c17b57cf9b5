import { tf } from "@tsmpi/engine";
import type { Logs } from "@tensorflow/tfjs";
import { trainingOf } from "../model-training";

let isRegistered = false;

/**
 * From now on a `fit` or `fitDataset` of a distributed model lets its epochs begin and end together on all ranks, and shows
 * History, the progress bar and all other callbacks averages over all ranks. Level 0: whatever `verbose` says, and first.
 */
export function averageLogs(): void {
  if (isRegistered) return;
  isRegistered = true;
  tf.registerCallbackConstructor(0, averageLogsCallback());
}

function averageLogsCallback() {
  return class AverageLogs extends tf.Callback {
    override async onEpochBegin(epoch: number): Promise<void> {
      trainingOf(this.model)?.beginEpoch(epoch);
      return Promise.resolve();
    }

    override async onEpochEnd(_epoch: number, logs: Logs = {}): Promise<void> {
      const training = trainingOf(this.model);
      // A rank that stops in the middle of an epoch has not ended its batches.
      training?.endBatches({ hasLeft: true });
      training?.averageLogs(logs, this.params["doValidation"] as boolean);
      return Promise.resolve();
    }
  };
}
