import type { StatusMessage } from "@tsmpi/protocol";
import {
  exitCode,
  running,
  waiting,
  withRank,
  type Cause,
  type FailureMessage,
  type JobEffect,
  type JobEvent,
  type JobState,
} from "./job-state";
import { count } from "./plan";
import { describeEnd } from "./report";

export interface Decision {
  readonly state: JobState;
  readonly effects: readonly JobEffect[];
  readonly reason: string;
}

/** From SIGTERM to SIGKILL when a rank has failed: together all ranks end within 1 s. */
const FAILURE_GRACE_MS = 500;
/** From the user's signal to SIGKILL: time for a checkpoint. */
const INTERRUPT_GRACE_MS = 5_000;
/** How long the report of a rank that lost a peer waits for that peer's own. */
const SUSPECT_MS = 300;
/** From the report of a failure that the others survive to SIGKILL: the rank may have things to put in order. */
const SURVIVED_GRACE_MS = 5_000;
/** A process that SIGKILL does not end in this time sits in the kernel; waiting longer is no use. */
const KILLED_GRACE_MS = 5_000;

/**
 * The decisions of a running job: what to do when a rank starts, reports, ends or fails, when the user interrupts, when time is
 * up. Pure; `job.ts` does what it says.
 */
export function supervise(
  state: JobState,
  event: JobEvent,
  nowMs: number,
): Decision {
  switch (event.type) {
    case "begin":
      return begin(state, nowMs);
    case "started":
      return nothing(
        withRank(state, event.rank, { pid: event.pid }),
        `rank ${event.rank} runs as process ${event.pid}`,
      );
    case "not-started":
      return blame(
        withRank(state, event.rank, {
          phase: "ended",
          code: 1,
          failure: {
            type: "failure",
            error: { code: "ERR_OTHER", message: event.why },
            stack: event.why,
          },
        }),
        event.rank,
        nowMs,
      );
    case "lost":
      return onEnded(state, { ...event, code: 1, signal: null }, nowMs);
    case "status":
      return onStatus(state, event.rank, event.message, nowMs);
    case "ended":
      return onEnded(state, event, nowMs);
    case "signal":
      return onSignal(state, event.signal, nowMs);
    case "output-closed":
      return state.ending !== null
        ? nothing(state, "the job is ending anyway")
        : end(state, {
            cause: event,
            signal: "SIGTERM",
            graceMs: FAILURE_GRACE_MS,
            nowMs,
            say: event.why ?? undefined,
            reason: "nobody reads the output any more",
          });
    case "time":
      return onTime(state, nowMs);
  }
}

function begin(state: JobState, nowMs: number): Decision {
  const together = state.size === 1 || state.masterPort !== 0;
  const ranks = together ? state.ranks.map((_, rank) => rank) : [0];
  return {
    state: {
      ...ordered(state, ranks),
      endJobAtMs: state.timeoutMs === null ? null : nowMs + state.timeoutMs,
      startByMs: together ? null : nowMs + state.startTimeoutMs,
    },
    effects: [{ type: "start", ranks, masterPort: state.masterPort }],
    reason: together
      ? "the port is known, so all ranks start together"
      : "rank 0 starts first, since it chooses the port",
  };
}

/** Their start is ordered: signals reach them from now on. */
const ordered = (state: JobState, ranks: readonly number[]): JobState =>
  ranks.reduce(
    (next, rank) => withRank(next, rank, { phase: "running" }),
    state,
  );

function onStatus(
  state: JobState,
  rank: number,
  message: StatusMessage,
  nowMs: number,
): Decision {
  switch (message.type) {
    case "coordinator": {
      const ranks = waiting(state);
      if (state.ending !== null || ranks.length === 0)
        return nothing(state, "no rank waits for the coordinator's port");
      return {
        state: { ...ordered(state, ranks), startByMs: null },
        effects: [{ type: "start", ranks, masterPort: message.port }],
        reason: `the coordinator listens on port ${message.port}`,
      };
    }
    case "failure":
      return onFailure(
        withRank(state, rank, { failure: message }),
        rank,
        nowMs,
      );
    case "engine":
    case "autotune":
    case "training":
      return nothing(state, "a fact for the summary");
  }
}

/** Of a process; `why` nobody knows how it ended. */
type End = Omit<Extract<JobEvent, { type: "ended" }>, "type"> & {
  readonly why?: string;
};

function onEnded(
  before: JobState,
  { rank, code, signal, why }: End,
  nowMs: number,
): Decision {
  const { failure: reported } = before.ranks[rank]!;
  const state = withRank(before, rank, {
    ...{ phase: "ended", code, signal, isLost: why !== undefined },
    failure: reported ?? (why === undefined ? null : failure(why)),
  });
  if (state.ending !== null) return settle(state, []);
  const failed = code !== 0 || state.ranks[rank]!.failure !== null;
  if (failed) return onFailure(state, rank, nowMs);
  if (waiting(state).length > 0)
    return blame(
      withRank(state, rank, {
        code: 1,
        failure: failure(
          "the program ended before the coordinator had started",
        ),
      }),
      rank,
      nowMs,
    );
  if (state.suspect !== null && !waitsForCulprit(state, state.suspect.rank))
    return blame(state, state.suspect.rank, nowMs);
  return settle(state, []);
}

/** A rank failed, before anything else ended the job. Is it the cause, or did it only lose a peer? */
function onFailure(state: JobState, rank: number, nowMs: number): Decision {
  if (state.ending !== null) return settle(state, []);
  if (state.recovery && rank !== 0) return survive(state, rank, nowMs);
  if (state.recovery || !waitsForCulprit(state, rank))
    return blame(state, rank, nowMs);
  if (state.suspect !== null)
    return nothing(state, "another rank has lost a peer too");
  return nothing(
    { ...state, suspect: { rank, untilMs: nowMs + SUSPECT_MS } },
    `rank ${rank} lost a peer, which may still say why`,
  );
}

/** The others go on without it, and are told so once it has ended. */
function survive(state: JobState, rank: number, nowMs: number): Decision {
  const { phase, pid, code, signal, isLost, failure } = state.ranks[rank]!;
  if (phase !== "ended")
    return nothing(
      withRank(state, rank, { endByMs: nowMs + SURVIVED_GRACE_MS }),
      `rank ${rank} has failed and will end; the others go on`,
    );
  const end = { rank, pid, code, signal, isLost };
  return settle(
    withRank(state, rank, { endByMs: null }),
    [
      {
        type: "report",
        failure: { ...end, stack: failure?.stack ?? null },
        others: running(state).length,
        goesOn: true,
      },
      {
        type: "tell",
        news: { type: "rank-ended", rank, how: describeEnd(end) },
      },
    ],
    `rank ${rank} has failed; the others go on`,
  );
}

/** True if the rank failed only because of a peer that is not known to have ended yet. */
function waitsForCulprit(state: JobState, rank: number): boolean {
  const error = state.ranks[rank]!.failure?.error;
  return (
    error?.code === "ERR_PROC_FAILED" &&
    (error.failedRanks ?? []).some(
      (other) => other !== rank && state.ranks[other]?.phase === "running",
    )
  );
}

/** `rank` has failed first: the others end with it. */
function blame(state: JobState, rank: number, nowMs: number): Decision {
  return end(state, {
    cause: { type: "failure", rank },
    signal: "SIGTERM",
    graceMs: FAILURE_GRACE_MS,
    nowMs,
    reason: `rank ${rank} failed first`,
  });
}

function onSignal(
  state: JobState,
  signal: NodeJS.Signals,
  nowMs: number,
): Decision {
  if (state.ending === null)
    return end(state, {
      cause: { type: "signal", signal },
      signal,
      graceMs: INTERRUPT_GRACE_MS,
      nowMs,
      reason: `${signal} goes to all ranks`,
    });
  return kill(state, nowMs, `${signal} again: no more patience`);
}

function onTime(state: JobState, nowMs: number): Decision {
  const due = (time: number | null | undefined) =>
    typeof time === "number" && time <= nowMs;
  if (state.ending !== null) {
    if (!due(state.killAtMs)) return nothing(state, "too early");
    if (!state.ending.killed) return kill(state, nowMs, "the grace is over");
    return giveUp(state);
  }
  const overdue = running(state).filter((rank) =>
    due(state.ranks[rank]!.endByMs),
  );
  if (overdue.length > 0)
    return {
      state: overdue.reduce(
        (next, rank) => withRank(next, rank, { endByMs: null }),
        state,
      ),
      effects: [{ type: "signal", ranks: overdue, signal: "SIGKILL" }],
      reason: "a rank that has failed does not end by itself",
    };
  if (due(state.suspect?.untilMs))
    return blame(state, state.suspect!.rank, nowMs);
  if (due(state.endJobAtMs))
    return end(state, {
      cause: { type: "timeout" },
      signal: "SIGTERM",
      graceMs: FAILURE_GRACE_MS,
      nowMs,
      say: `the job did not end within ${state.timeoutMs! / 1000} s (--timeout); ending its ${count(running(state).length, "rank")}`,
      reason: "the time of the job is over",
    });
  if (due(state.startByMs))
    return end(state, {
      cause: { type: "start-timeout" },
      signal: "SIGTERM",
      graceMs: FAILURE_GRACE_MS,
      nowMs,
      say: `rank 0 did not start its coordinator within ${state.startTimeoutMs / 1000} s; --start-timeout gives it longer`,
      reason: "rank 0 said nothing in time",
    });
  return nothing(state, "too early");
}

interface EndOptions {
  readonly cause: Cause;
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
  readonly nowMs: number;
  readonly say?: string;
  readonly reason: string;
}

/** Asks all ranks to end, and will insist after `graceMs`. A rank that has just reported its failure ends by itself. */
function end(
  state: JobState,
  { cause, signal, graceMs, nowMs, say, reason }: EndOptions,
): Decision {
  const ranks = running(state).filter(
    (rank) => state.ranks[rank]!.failure === null,
  );
  const others = running(state).filter(
    (rank) => cause.type !== "failure" || rank !== cause.rank,
  );
  const effects: JobEffect[] = [];
  if (say !== undefined) effects.push({ type: "say", text: say });
  if (ranks.length > 0)
    // A stopped process takes a signal only when it goes on.
    effects.push(
      { type: "signal", ranks, signal },
      { type: "signal", ranks, signal: "SIGCONT" },
    );
  return settle(
    {
      ...state,
      ending: { cause, others: others.length, failure: null, killed: false },
      suspect: null,
      endJobAtMs: null,
      startByMs: null,
      killAtMs: nowMs + graceMs,
    },
    effects,
    reason,
  );
}

function kill(state: JobState, nowMs: number, reason: string): Decision {
  const ranks = running(state);
  const killed = {
    ...state,
    ending: { ...state.ending!, killed: true },
    killAtMs: nowMs + KILLED_GRACE_MS,
  };
  return settle(killed, [{ type: "signal", ranks, signal: "SIGKILL" }], reason);
}

function giveUp(state: JobState): Decision {
  const left = running(state)
    .map((rank) => `rank ${rank} (pid ${state.ranks[rank]!.pid})`)
    .join(", ");
  return {
    state: { ...state, finished: true },
    effects: [
      { type: "say", text: `${left} did not end on SIGKILL; left behind` },
      { type: "finish", exitCode: exitCode(state) },
    ],
    reason: "not even SIGKILL ends them",
  };
}

/** Reports the first failure as soon as its exit is known, and finishes when the last rank has ended. */
function settle(
  state: JobState,
  effects: readonly JobEffect[],
  reason = "a rank ended",
): Decision {
  const all = [...effects];
  let { ending } = state;
  if (ending?.cause.type === "failure" && ending.failure === null) {
    const { rank } = ending.cause;
    const { phase, pid, code, signal, isLost, failure } = state.ranks[rank]!;
    if (phase === "ended" || ending.killed) {
      // A rank that reports a failure and then hangs counts as Node's 1.
      const end = phase === "ended" ? { code, signal } : { code: 1, signal };
      ending = {
        ...ending,
        failure: { rank, pid, ...end, isLost, stack: failure?.stack ?? null },
      };
      all.push({
        type: "report",
        failure: ending.failure!,
        others: ending.others,
        goesOn: false,
      });
    }
  }
  const over =
    running(state).length === 0 &&
    (ending !== null || waiting(state).length === 0);
  if (over && !state.finished)
    all.push({ type: "finish", exitCode: exitCode({ ...state, ending }) });
  return {
    state: { ...state, ending, finished: state.finished || over },
    effects: all,
    reason: over ? "the last rank has ended" : reason,
  };
}

const failure = (message: string): FailureMessage => ({
  type: "failure",
  error: { code: "ERR_OTHER", message },
  stack: message,
});

const nothing = (state: JobState, reason: string): Decision => ({
  state,
  effects: [],
  reason,
});
