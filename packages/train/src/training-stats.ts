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
}

/** Measures one model's training on this rank. */
export class TrainingClock {
  #seconds = 0;
  #communicationSeconds = 0;
  /** Of the calls that all ranks have completed. */
  #allSamples = 0;
  #ownSamples = 0;

  addSamples(rows: number): void {
    this.#ownSamples += rows;
  }

  /** Every rank makes the same calls. Blocks at the end, to add up the samples of all ranks. */
  async time<T>(train: () => Promise<T>): Promise<T> {
    const runtime = theRuntime();
    const samplesBefore = this.#ownSamples;
    const blockedMsBefore = runtime.blockedMs;
    const startMs = performance.now();
    const result = await train();
    this.#seconds += (performance.now() - startMs) / 1_000;
    this.#communicationSeconds += (runtime.blockedMs - blockedMsBefore) / 1_000;
    this.#allSamples += MPI.COMM_WORLD.allreduce(
      this.#ownSamples - samplesBefore,
    );
    if (MPI.COMM_WORLD.rank === 0)
      tellLauncher({
        type: "training",
        samples: this.#allSamples,
        seconds: this.#seconds,
        communicationSeconds: this.#communicationSeconds,
      });
    return result;
  }

  get stats(): TrainingStats {
    const seconds = this.#seconds;
    return {
      seconds,
      samples: this.#allSamples,
      samplesPerSecond: seconds > 0 ? this.#allSamples / seconds : 0,
      communicationShare:
        seconds > 0 ? this.#communicationSeconds / seconds : 0,
    };
  }
}
