import type { StatusMessage } from "@tsmpi/protocol";
import {
  initialState,
  wakeAtMs,
  type JobEffect,
  type JobEvent,
  type JobFacts,
} from "./job-state";
import { supervise } from "./supervise";

/** Plays a job: each event at its time, and says what it led to. */
class Play {
  state;
  constructor(facts: Partial<JobFacts> = {}) {
    this.state = initialState({
      size: 3,
      masterPort: 0,
      timeoutMs: null,
      startTimeoutMs: 60_000,
      recovery: false,
      ...facts,
    });
  }

  on(event: JobEvent, nowMs = 0): readonly JobEffect[] {
    const { state, effects, reason } = supervise(this.state, event, nowMs);
    expect(reason).not.toBe("");
    this.state = state;
    return effects;
  }

  /** All ranks run, as pid 100 + rank. */
  running(): this {
    this.on({ type: "begin" });
    this.started(0);
    this.on(status(0, { type: "coordinator", port: 5 }));
    for (let rank = 1; rank < this.state.size; rank++) this.started(rank);
    return this;
  }

  started(rank: number) {
    return this.on({ type: "started", rank, pid: 100 + rank });
  }

  ended(
    rank: number,
    code: number | null = 0,
    nowMs = 0,
    signal: NodeJS.Signals | null = null,
  ) {
    return this.on({ type: "ended", rank, code, signal }, nowMs);
  }
}

const status = (rank: number, message: StatusMessage): JobEvent => ({
  type: "status",
  rank,
  message,
});
const failed = (rank: number, code = "ERR_OTHER", failedRanks?: number[]) =>
  status(rank, {
    type: "failure",
    error: { code, message: "m", failedRanks },
    stack: `stack of ${rank}`,
  });
const reports = (effects: readonly JobEffect[]) =>
  effects.flatMap((e) => (e.type === "report" ? [e.failure] : []));
const signals = (effects: readonly JobEffect[]) =>
  effects.flatMap((e) =>
    e.type === "signal" ? [`${e.signal} ${e.ranks.join()}`] : [],
  );
const finish = (effects: readonly JobEffect[]) =>
  effects.find((e) => e.type === "finish")?.exitCode;

describe("starting", () => {
  test("starts rank 0 first, and the others with its port", () => {
    const play = new Play();
    expect(play.on({ type: "begin" })).toEqual([
      { type: "start", ranks: [0], masterPort: 0 },
    ]);
    play.started(0);
    expect(play.on(status(0, { type: "coordinator", port: 5 }))).toEqual([
      { type: "start", ranks: [1, 2], masterPort: 5 },
    ]);
  });

  test("starts all at once when the port is given, or there is one rank", () => {
    expect(new Play({ masterPort: 9 }).on({ type: "begin" })).toEqual([
      { type: "start", ranks: [0, 1, 2], masterPort: 9 },
    ]);
    expect(new Play({ size: 1 }).on({ type: "begin" })).toEqual([
      { type: "start", ranks: [0], masterPort: 0 },
    ]);
  });

  test("gives up when rank 0 does not say in time where the coordinator listens", () => {
    const play = new Play();
    play.on({ type: "begin" }, 10);
    play.started(0);
    expect(wakeAtMs(play.state)).toBe(60_010);
    const effects = play.on({ type: "time" }, 60_010);
    expect(effects[0]).toMatchObject({ type: "say" });
    expect(signals(effects)).toEqual(["SIGTERM 0", "SIGCONT 0"]);
    expect(finish(play.ended(0, null, 60_011, "SIGTERM"))).toBe(1);
  });

  test("fails when rank 0 ends before the others could start", () => {
    const play = new Play();
    play.on({ type: "begin" });
    play.started(0);
    const effects = play.ended(0);
    expect(reports(effects)[0]?.stack).toContain("before the coordinator");
    expect(finish(effects)).toBe(1);
  });

  test("reports a rank that could not be started", () => {
    const play = new Play({ size: 1 });
    play.on({ type: "begin" });
    const effects = play.on({ type: "not-started", rank: 0, why: "EAGAIN" });
    expect(reports(effects)).toEqual([
      {
        rank: 0,
        pid: null,
        code: 1,
        signal: null,
        isLost: false,
        stack: "EAGAIN",
      },
    ]);
    expect(finish(effects)).toBe(1);
  });
});

describe("ending well", () => {
  test("waits for all ranks, in whatever order they end", () => {
    const play = new Play().running();
    expect(play.ended(2)).toEqual([]);
    expect(play.ended(0)).toEqual([]);
    expect(finish(play.ended(1))).toBe(0);
    expect(wakeAtMs(play.state)).toBeNull();
  });
});

describe("failing", () => {
  test("ends all others at once, kills them after 500 ms, and takes the exit code", () => {
    const play = new Play().running();
    const effects = play.ended(1, 7, 1000);
    expect(reports(effects)).toEqual([
      { rank: 1, pid: 101, code: 7, signal: null, isLost: false, stack: null },
    ]);
    expect(signals(effects)).toEqual(["SIGTERM 0,2", "SIGCONT 0,2"]);
    expect(wakeAtMs(play.state)).toBe(1500);
    expect(signals(play.on({ type: "time" }, 1500))).toEqual(["SIGKILL 0,2"]);
    expect(play.ended(0, null, 1501, "SIGKILL")).toEqual([]);
    expect(finish(play.ended(2, null, 1501, "SIGKILL"))).toBe(7);
  });

  test("by a signal gives 128 plus its number", () => {
    const play = new Play({ size: 1 }).running();
    expect(finish(play.ended(0, null, 0, "SIGSEGV"))).toBe(139);
  });

  test("ends the others on the rank's report, and reports with its exit code", () => {
    const play = new Play().running();
    const first = play.on(failed(1), 0);
    expect(signals(first)).toEqual(["SIGTERM 0,2", "SIGCONT 0,2"]);
    expect(reports(first)).toEqual([]);
    expect(reports(play.ended(1, 1, 5))).toEqual([
      {
        rank: 1,
        pid: 101,
        code: 1,
        signal: null,
        isLost: false,
        stack: "stack of 1",
      },
    ]);
  });

  test("reports a rank that hangs after its report, and kills it too", () => {
    const play = new Play().running();
    play.on(failed(1), 0);
    const effects = play.on({ type: "time" }, 500);
    expect(signals(effects)).toEqual(["SIGKILL 0,1,2"]);
    expect(reports(effects)[0]).toMatchObject({ rank: 1, code: 1 });
    for (const rank of [0, 2]) play.ended(rank, null, 501, "SIGKILL");
    expect(finish(play.ended(1, null, 501, "SIGKILL"))).toBe(1);
  });

  test("of a host ends the job, and is told from an exit code", () => {
    const play = new Play().running();
    const why = "no sign of life from b for 10 s";
    const effects = play.on({ type: "lost", rank: 2, why });
    expect(reports(effects)).toMatchObject([
      { rank: 2, pid: 102, isLost: true, stack: why },
    ]);
    expect(signals(effects)).toEqual(["SIGTERM 0,1", "SIGCONT 0,1"]);
    play.ended(0, null, 1, "SIGTERM");
    expect(finish(play.ended(1, null, 1, "SIGTERM"))).toBe(1);
  });

  test("before a rank has said that it runs reaches that one too", () => {
    const play = new Play({ masterPort: 5 });
    play.on({ type: "begin" });
    play.started(0);
    expect(signals(play.ended(0, 7))).toEqual(["SIGTERM 1,2", "SIGCONT 1,2"]);
  });

  test("reports the first failure only", () => {
    const play = new Play().running();
    play.ended(2, 3);
    expect(reports(play.on(failed(0)))).toEqual([]);
    expect(reports(play.ended(0, 1))).toEqual([]);
    expect(finish(play.ended(1, 1))).toBe(3);
  });

  test("counts as a failure what was reported, even with exit code 0", () => {
    const play = new Play({ size: 1 }).running();
    play.on(failed(0));
    expect(finish(play.ended(0, 0))).toBe(1);
  });

  test("of a rank that lost a peer waits for that peer's own failure", () => {
    const play = new Play().running();
    expect(play.on(failed(0, "ERR_PROC_FAILED", [1]), 0)).toEqual([]);
    expect(play.ended(0, 1, 10)).toEqual([]);
    expect(reports(play.ended(1, 7, 200))).toMatchObject([
      { rank: 1, code: 7, stack: null },
    ]);
  });

  test("of a rank that lost a peer is reported when the peer says nothing for 300 ms", () => {
    const play = new Play().running();
    play.on(failed(0, "ERR_PROC_FAILED", [1]), 0);
    play.ended(0, 1, 10);
    expect(wakeAtMs(play.state)).toBe(300);
    expect(reports(play.on({ type: "time" }, 300))).toMatchObject([
      { rank: 0, stack: "stack of 0" },
    ]);
  });

  test("of a rank that lost a peer is reported at once when the peer ended well", () => {
    const play = new Play().running();
    play.on(failed(0, "ERR_PROC_FAILED", [1]), 0);
    play.ended(0, 1, 10);
    expect(reports(play.ended(1, 0, 20))).toMatchObject([{ rank: 0 }]);
    const late = new Play().running();
    late.ended(1, 0);
    late.on(failed(0, "ERR_PROC_FAILED", [1]), 0);
    expect(reports(late.ended(0, 1))).toMatchObject([{ rank: 0 }]);
  });
});

describe("interrupting", () => {
  test("passes the signal on, waits 5 s, then kills", () => {
    const play = new Play().running();
    const effects = play.on({ type: "signal", signal: "SIGINT" }, 0);
    expect(signals(effects)).toEqual(["SIGINT 0,1,2", "SIGCONT 0,1,2"]);
    expect(wakeAtMs(play.state)).toBe(5_000);
    play.ended(0, 1);
    expect(signals(play.on({ type: "time" }, 5_000))).toEqual(["SIGKILL 1,2"]);
    play.ended(1, null, 0, "SIGKILL");
    expect(finish(play.ended(2, null, 0, "SIGKILL"))).toBe(130);
  });

  test("twice kills at once", () => {
    const play = new Play().running();
    play.on({ type: "signal", signal: "SIGTERM" }, 0);
    expect(signals(play.on({ type: "signal", signal: "SIGTERM" }, 1))).toEqual([
      "SIGKILL 0,1,2",
    ]);
    for (const rank of [0, 1]) play.ended(rank, 143);
    expect(finish(play.ended(2, 143))).toBe(143);
  });

  test("before all have started starts no more", () => {
    const play = new Play();
    play.on({ type: "begin" });
    play.started(0);
    play.on({ type: "signal", signal: "SIGINT" });
    expect(play.on(status(0, { type: "coordinator", port: 5 }))).toEqual([]);
    expect(finish(play.ended(0, null, 0, "SIGINT"))).toBe(130);
  });

  test("reports nothing: no rank has failed", () => {
    const play = new Play({ size: 1 }).running();
    play.on({ type: "signal", signal: "SIGINT" });
    expect(reports(play.on(failed(0)))).toEqual([]);
    expect(reports(play.ended(0, 1))).toEqual([]);
  });
});

describe("running out of time", () => {
  test("ends the job with 110 and says so", () => {
    const play = new Play({ timeoutMs: 2_000 }).running();
    const effects = play.on({ type: "time" }, 2_000);
    expect(effects[0]).toEqual({
      type: "say",
      text: "the job did not end within 2 s (--timeout); ending its 3 ranks",
    });
    expect(signals(effects)).toEqual(["SIGTERM 0,1,2", "SIGCONT 0,1,2"]);
    for (const rank of [0, 1]) play.ended(rank, null, 0, "SIGTERM");
    expect(finish(play.ended(2, null, 0, "SIGTERM"))).toBe(110);
  });

  test("does nothing when it is called too early", () => {
    const play = new Play({ timeoutMs: 2_000 }).running();
    expect(play.on({ type: "time" }, 1_999)).toEqual([]);
  });
});

describe("losing the reader of the output", () => {
  test("ends the job quietly, as SIGPIPE would", () => {
    const play = new Play().running();
    const effects = play.on({ type: "output-closed", why: null });
    expect(effects.map(({ type }) => type)).toEqual(["signal", "signal"]);
    for (const rank of [0, 1]) play.ended(rank, 1);
    expect(finish(play.ended(2, 1))).toBe(141);
  });

  test("says so where it is not the reader's will", () => {
    const play = new Play({ size: 1 }).running();
    const effects = play.on({ type: "output-closed", why: "disk full" });
    expect(effects[0]).toEqual({ type: "say", text: "disk full" });
    expect(finish(play.ended(0, 143))).toBe(1);
  });
});

describe("killing in vain", () => {
  test("gives up 5 s later and names who is left", () => {
    const play = new Play().running();
    play.ended(0, 7, 0);
    play.on({ type: "time" }, 500);
    play.ended(1, null, 600, "SIGKILL");
    const effects = play.on({ type: "time" }, 5_500);
    expect(effects[0]).toEqual({
      type: "say",
      text: "rank 2 (pid 102) did not end on SIGKILL; left behind",
    });
    expect(finish(effects)).toBe(7);
  });
});

describe("with --recovery", () => {
  const recovering = () => new Play({ recovery: true }).running();
  const tells = (effects: readonly JobEffect[]) =>
    effects.flatMap((e) => (e.type === "tell" ? [e.news] : []));

  test("a rank that is killed is reported, the coordinator told, and nobody ended", () => {
    const play = recovering();
    const effects = play.ended(1, null, 0, "SIGKILL");
    expect(effects).toMatchObject([
      {
        type: "report",
        failure: { rank: 1, pid: 101 },
        others: 2,
        goesOn: true,
      },
      {
        type: "tell",
        news: { rank: 1, how: "was ended by SIGKILL (exit code 137)" },
      },
    ]);
    expect(play.ended(2)).toEqual([]);
    expect(finish(play.ended(0))).toBe(0);
  });

  test("a rank that says why it fails is reported once, with its stack", () => {
    const play = recovering();
    expect(play.on(failed(2))).toEqual([]);
    const effects = play.ended(2, 1);
    expect(reports(effects)).toMatchObject([{ rank: 2, stack: "stack of 2" }]);
    expect(tells(effects)).toHaveLength(1);
  });

  test("a rank that says why it fails and does not end is killed after 5 s", () => {
    const play = recovering();
    play.on(failed(2), 1_000);
    expect(wakeAtMs(play.state)).toBe(6_000);
    expect(play.on({ type: "time" }, 5_999)).toEqual([]);
    expect(signals(play.on({ type: "time" }, 6_000))).toEqual(["SIGKILL 2"]);
    expect(wakeAtMs(play.state)).toBeNull();
  });

  test("rank 0 ends the job, also where it only lost a peer, and its exit code counts", () => {
    const play = recovering();
    play.ended(1, 7);
    expect(signals(play.on(failed(0, "ERR_PROC_FAILED", [2])))).toEqual([
      "SIGTERM 2",
      "SIGCONT 2",
    ]);
    expect(play.ended(0, 3)).toMatchObject([
      { type: "report", failure: { rank: 0 }, goesOn: false },
    ]);
    expect(finish(play.ended(2, null, 0, "SIGTERM"))).toBe(3);
  });

  test("the last rank may fail behind rank 0: the exit code is that of rank 0", () => {
    const play = recovering();
    play.ended(0);
    play.ended(1);
    const effects = play.ended(2, 9);
    expect(reports(effects)).toHaveLength(1);
    expect(finish(effects)).toBe(0);
  });

  test("a job that is being ended says no more", () => {
    const play = recovering();
    play.on({ type: "signal", signal: "SIGTERM" });
    expect(play.ended(1, null, 0, "SIGTERM")).toEqual([]);
  });
});
