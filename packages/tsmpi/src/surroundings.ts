import type { Writable } from "node:stream";

export type StreamName = "stdout" | "stderr";

/** Where a job's output goes and its signals come from: the launcher's own process, or a program that launches. */
export interface Surroundings {
  /** Takes what a rank prints. The same object for several ranks: their lines do not mix. */
  readonly writable: (stream: StreamName, rank: number) => Writable;
  /** Takes the launcher's own words. */
  readonly messages: Writable;
  readonly isTerminal: (stream: StreamName) => boolean;
  /**
   * Calls `onEnd` for a signal that ends the job and `onPass` for one that passes through to the ranks.
   *
   * @returns ends it
   */
  readonly listen: (on: {
    readonly onEnd: (signal: NodeJS.Signals) => void;
    readonly onPass: (signal: NodeJS.Signals) => void;
  }) => () => void;
}

const ENDING: readonly NodeJS.Signals[] = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGQUIT",
];
const PASSING: readonly NodeJS.Signals[] = ["SIGUSR1", "SIGUSR2"];

/** `tsrun`'s. */
export const ownProcess: Surroundings = {
  writable: (stream) => process[stream],
  messages: process.stderr,
  isTerminal: (stream) => process[stream].isTTY,
  listen({ onEnd, onPass }) {
    const listeners = [
      ...ENDING.map((signal) => [signal, () => onEnd(signal)] as const),
      ...PASSING.map((signal) => [signal, () => onPass(signal)] as const),
    ];
    for (const [signal, listener] of listeners) process.on(signal, listener);
    return () => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    };
  },
};
