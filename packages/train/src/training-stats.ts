import { MPI, tellLauncher, theRuntime } from "@tsmpi/worker";

/** What training took so far, over all ranks. */
export interface TrainingStats {
  /** Wall time inside `fit`, on this rank. */
  readonly seconds: number;
  /** Rows of all batches of all ranks. */
  readonly samples: number;
  readonly samplesPerSecond: number;
  /** Share of the wall time in which this rank's main thread was blocked in communication, 0 … 1. */
  readonly communicationShare: number;
  /** Share of the wall time in which `fitDataset` waited, on this rank, for the dataset's batches, 0 … 1. */
  readonly inputShare: number;
}

const NOTHING = { samples: 0, inputSeconds: 0 };

/** Measures one model's training on this rank. */
export class TrainingClock {
  #seconds = 0;
  #communicationSeconds = 0;

  async time<T>(
    training: { readonly samples: number },
    train: () => Promise<T>,
  ): Promise<T> {
    const runtime = theRuntime();
    const blockedMsBefore = runtime.blockedMs;
    const startMs = performance.now();
    const result = await train();
    this.#seconds += (performance.now() - startMs) / 1_000;
    this.#communicationSeconds += (runtime.blockedMs - blockedMsBefore) / 1_000;
    if (MPI.COMM_WORLD.rank === 0)
      tellLauncher({
        type: "training",
        samples: training.samples,
        seconds: this.#seconds,
        communicationSeconds: this.#communicationSeconds,
      });
    return result;
  }

  /** @param training null: none has begun */
  stats(
    training: {
      readonly samples: number;
      readonly inputSeconds: number;
    } | null,
  ): TrainingStats {
    const seconds = this.#seconds;
    const { samples, inputSeconds } = training ?? NOTHING;
    const ofSeconds = (value: number) => (seconds > 0 ? value / seconds : 0);
    return {
      ...{ seconds, samples, samplesPerSecond: ofSeconds(samples) },
      communicationShare: ofSeconds(this.#communicationSeconds),
      inputShare: ofSeconds(inputSeconds),
    };
  }
}
