import type { LauncherNews, StatusMessage } from "@tsmpi/protocol";
import { EXIT_TIMEOUT, exitCodeOf, exitCodeOfSignal } from "./exit-codes";

/** What happens to a running job. */
export type JobEvent =
  | { readonly type: "begin" }
  | { readonly type: "started"; readonly rank: number; readonly pid: number }
  | {
      readonly type: "not-started";
      readonly rank: number;
      readonly why: string;
    }
  | {
      readonly type: "status";
      readonly rank: number;
      readonly message: StatusMessage;
    }
  | {
      readonly type: "ended";
      readonly rank: number;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    }
  /** Its host does not answer any more. */
  | { readonly type: "lost"; readonly rank: number; readonly why: string }
  | { readonly type: "signal"; readonly signal: NodeJS.Signals }
  /** `tsrun` cannot write any more; `why` is null where only the reader has left. */
  | { readonly type: "output-closed"; readonly why: string | null }
  /** `state.wakeAtMs` has come. */
  | { readonly type: "time" };

/** What is to be done about it. */
export type JobEffect =
  | {
      readonly type: "start";
      readonly ranks: readonly number[];
      readonly masterPort: number;
    }
  /** To the whole process group of each rank. */
  | {
      readonly type: "signal";
      readonly ranks: readonly number[];
      readonly signal: NodeJS.Signals;
    }
  | {
      readonly type: "report";
      readonly failure: Failure;
      /** How many other ranks are still running, */
      readonly others: number;
      /** and whether they go on. */
      readonly goesOn: boolean;
    }
  /** To the coordinator, in the process of rank 0. */
  | { readonly type: "tell"; readonly news: LauncherNews }
  | { readonly type: "say"; readonly text: string }
  | { readonly type: "finish"; readonly exitCode: number };

/** The first failure of a job: the one that is reported, and whose exit code `tsrun` takes. */
export interface Failure {
  readonly rank: number;
  /** null: it could not be started. */
  readonly pid: number | null;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** With its host, so that nobody knows how it ended. */
  readonly isLost: boolean;
  /** What the rank itself reported, or why it did not start; null for a death without a word. */
  readonly stack: string | null;
}

export type FailureMessage = Extract<StatusMessage, { type: "failure" }>;

export interface RankState {
  /** It runs from its start order on. */
  readonly phase: "waiting" | "running" | "ended";
  readonly pid: number | null;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly isLost: boolean;
  readonly failure: FailureMessage | null;
  /** A rank that has said that it fails, and is survived by the others, is given until then to end. */
  readonly endByMs: number | null;
}

/** Why the job is being ended before its ranks are done. */
export type Cause =
  | { readonly type: "failure"; readonly rank: number }
  | { readonly type: "signal"; readonly signal: NodeJS.Signals }
  | { readonly type: "timeout" }
  | { readonly type: "start-timeout" }
  | { readonly type: "output-closed"; readonly why: string | null };

export interface Ending {
  readonly cause: Cause;
  /** How many ranks were still running. */
  readonly others: number;
  /** Once it is reported. */
  readonly failure: Failure | null;
  readonly killed: boolean;
}

export interface JobState {
  readonly size: number;
  readonly ranks: readonly RankState[];
  readonly timeoutMs: number | null;
  readonly startTimeoutMs: number;
  readonly masterPort: number;
  /** A rank other than 0 that fails does not end the job. */
  readonly recovery: boolean;
  /** A rank that failed because another was lost: it waits a moment for that one's own report. */
  readonly suspect: { readonly rank: number; readonly untilMs: number } | null;
  readonly ending: Ending | null;
  readonly endJobAtMs: number | null;
  /** Rank 0 must have said by then where the coordinator listens. */
  readonly startByMs: number | null;
  /** SIGKILL for whoever is left; after it, the time at which `tsrun` gives up waiting. */
  readonly killAtMs: number | null;
  readonly finished: boolean;
}

export interface JobFacts {
  readonly size: number;
  readonly masterPort: number;
  readonly timeoutMs: number | null;
  readonly startTimeoutMs: number;
  readonly recovery: boolean;
}

export function initialState(facts: JobFacts): JobState {
  const waiting: RankState = {
    phase: "waiting",
    pid: null,
    code: null,
    signal: null,
    isLost: false,
    failure: null,
    endByMs: null,
  };
  return {
    ...facts,
    ranks: Array.from({ length: facts.size }, () => waiting),
    suspect: null,
    ending: null,
    endJobAtMs: null,
    startByMs: null,
    killAtMs: null,
    finished: false,
  };
}

/** When to send the next `time`; null for never. */
export function wakeAtMs(state: JobState): number | null {
  const times = [
    state.suspect?.untilMs,
    state.killAtMs,
    state.endJobAtMs,
    state.startByMs,
    ...state.ranks.map(({ endByMs }) => endByMs),
  ].filter((time) => typeof time === "number");
  return times.length === 0 || state.finished ? null : Math.min(...times);
}

const ranksIn = (state: JobState, phase: RankState["phase"]): number[] =>
  state.ranks.flatMap((rank, index) => (rank.phase === phase ? [index] : []));
export const running = (state: JobState) => ranksIn(state, "running");
export const waiting = (state: JobState) => ranksIn(state, "waiting");

export const withRank = (
  state: JobState,
  rank: number,
  change: Partial<RankState>,
): JobState => ({
  ...state,
  ranks: state.ranks.map((old, index) =>
    index === rank ? { ...old, ...change } : old,
  ),
});

export function exitCode(state: JobState): number {
  const cause = state.ending?.cause;
  switch (cause?.type) {
    case undefined:
      return 0;
    case "failure":
      // A rank that reports an error and yet ends with 0 has failed all the same.
      return exitCodeOf(state.ending!.failure!) || 1;
    case "signal":
      return exitCodeOfSignal(cause.signal);
    case "timeout":
      return EXIT_TIMEOUT;
    case "start-timeout":
      return 1;
    case "output-closed":
      return cause.why === null ? exitCodeOfSignal("SIGPIPE") : 1;
  }
}
