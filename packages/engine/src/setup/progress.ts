/** What setup is doing, for whoever shows it. */
export interface Progress {
  /** A new step begins, e.g. "download tensorflow_cpu-2.21.0…". */
  step(text: string, totalBytes?: number): void;
  /** Of the step that runs: so many bytes are done. */
  bytes(done: number): void;
}

export const silent: Progress = { step() {}, bytes() {} };
