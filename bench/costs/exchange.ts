/** Two ranks that send each other 4 B, and wait for them, without a call of ours. */
export interface Exchange {
  /** So many times, one after the other; on both ranks. */
  run(times: number): void | Promise<void>;
  close(): void;
}
