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
   * Calls `onEnd` for a signal that ends the job, `onPass` for one that passes through to the ranks, and `onSuspend` shortly
   * before this process is stopped.
   *
   * @returns ends it
   */
  readonly listen: (on: {
    readonly onEnd: (signal: NodeJS.Signals) => void;
    readonly onPass: (signal: NodeJS.Signals) => void;
    readonly onSuspend: () => void;
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
  listen({ onEnd, onPass, onSuspend }) {
    const stopping = stopLater(onSuspend);
    const listeners = [
      ...ENDING.map((signal) => [signal, () => onEnd(signal)] as const),
      ...PASSING.map((signal) => [signal, () => onPass(signal)] as const),
    ];
    for (const [signal, listener] of listeners) process.on(signal, listener);
    return () => {
      stopping.close();
      for (const [signal, listener] of listeners) process.off(signal, listener);
    };
  },
};

/** How long the words of `onSuspend` may take to leave. */
const LEAVE_MS = 100;

/** Ctrl-Z stops this process, as by default, but not before others have been told. */
function stopLater(onSuspend: () => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const suspend = (): void => {
    onSuspend();
    clearTimeout(timer);
    timer = setTimeout(stop, LEAVE_MS);
  };
  const stop = (): void => {
    // Without a listener the signal does what it does to any process; `kill` returns when we go on.
    process.off("SIGTSTP", suspend);
    process.kill(process.pid, "SIGTSTP");
    process.on("SIGTSTP", suspend);
  };
  const goOn = (): void => clearTimeout(timer);
  process.on("SIGTSTP", suspend);
  process.on("SIGCONT", goOn);
  return {
    close() {
      clearTimeout(timer);
      process.off("SIGTSTP", suspend);
      process.off("SIGCONT", goOn);
    },
  };
}
