import type { CoordinatorMessage, RankMessage } from "@tsmpi/protocol";
import {
  type Effect,
  run,
  type RunningService,
  type ServiceEvent,
} from "../service";
import { membership } from "./membership";

const JOB = { size: 3, startTimeoutMs: 60_000, heartbeatTimeoutMs: 5_000 };
const TICK: ServiceEvent = { type: "tick" };
const TICK_MS = 250;

const from = (rank: number, message: RankMessage): ServiceEvent => ({
  type: "message",
  rank,
  message,
  payload: null,
});
const heartbeat = (rank: number) => from(rank, { type: "heartbeat" });
const leave = (rank: number, ...sent: number[]) =>
  from(rank, { type: "leave", sent });
const drained = (by: number, leaver: number) =>
  from(by, { type: "drained", rank: leaver });

/** Three ranks that have just found each other, at time 0. */
function assembled(size = JOB.size): RunningService {
  const service = run(membership, { ...JOB, size });
  const addresses = Array.from({ length: size }, (_, rank) => ({
    rank,
    endpoint: "",
    host: "a",
    pid: 100 + rank,
    machine: "m",
    share: null,
  }));
  service.step(
    { type: "announced", news: { type: "assembled", addresses } },
    0,
  );
  return service;
}

/** Ticks as the coordinator does until `toMs`, every rank in `alive` sending a heartbeat each time. */
function pass(
  service: RunningService,
  fromMs: number,
  toMs: number,
  alive: readonly number[],
): Effect[] {
  const effects: Effect[] = [];
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += TICK_MS) {
    for (const rank of alive) service.step(heartbeat(rank), nowMs);
    effects.push(...service.step(TICK, nowMs).effects);
  }
  return effects;
}

/** `lost 2 → 0`, for each message; `gone 2`, for what the other services hear; `over`. */
const brief = (effects: readonly Effect[]): string[] =>
  effects.map((effect) =>
    effect.type === "send"
      ? `${briefly(effect.message)} → ${effect.to}`
      : effect.type === "announce" && effect.news.type === "gone"
        ? `gone ${effect.news.rank}`
        : effect.type,
  );
const briefly = (message: CoordinatorMessage): string =>
  message.type === "left"
    ? `left ${message.rank} (${message.sent})`
    : message.type === "lost"
      ? `lost ${message.rank}`
      : message.type;

describe("membership, of ranks that are silent,", () => {
  it("answers every heartbeat", () => {
    expect(brief(assembled().step(heartbeat(1), 10).effects)).toEqual([
      "heartbeat → 1",
    ]);
  });

  it("loses nobody who shows signs of life", () => {
    expect(pass(assembled(), 0, 60_000, [0, 1, 2])).toEqual([]);
  });

  it("loses a rank that is silent for longer than the timeout and names it to the others", () => {
    const service = assembled();
    expect(pass(service, 0, 5_000, [0, 2])).toEqual([]);
    const { effects, reason } = service.step(TICK, 5_250);
    expect(brief(effects)).toEqual(["lost 1 → 0", "lost 1 → 2", "gone 1"]);
    expect(effects[0]).toMatchObject({
      message: {
        error: {
          code: "ERR_PROC_FAILED",
          message: "no heartbeat from rank 1 (a, pid 101) for 5250 ms",
          failedRanks: [1],
        },
      },
    });
    expect(reason).toBe("no heartbeat from rank 1 (a, pid 101) for 5250 ms");
    expect(pass(service, 5_500, 20_000, [0, 2])).toEqual([]);
  });

  it("loses all that are silent, one after the other", () => {
    expect(brief(pass(assembled(), 0, 6_000, [0]))).toEqual([
      "lost 1 → 0",
      "lost 1 → 2",
      "gone 1",
      "lost 2 → 0",
      "gone 2",
    ]);
  });

  it("blames nobody for a time in which it slept itself", () => {
    const service = assembled();
    pass(service, 0, 1_000, [0, 1, 2]);
    expect(service.step(TICK, 30_000).effects).toEqual([]);
    expect(pass(service, 30_250, 34_500, [0, 2])).toEqual([]);
    expect(brief(pass(service, 34_750, 36_000, [0, 2]))).toEqual([
      "lost 1 → 0",
      "lost 1 → 2",
      "gone 1",
    ]);
  });

  it("tells a rank that it took for dead, when it speaks again, that nobody counts on it", () => {
    const service = assembled();
    pass(service, 0, 6_000, [0, 2]);
    expect(brief(service.step(heartbeat(1), 6_100).effects)).toEqual([
      "lost 1 → 1",
    ]);
    expect(brief(service.step(heartbeat(0), 6_100).effects)).toEqual([
      "heartbeat → 0",
    ]);
  });
});

describe("membership, of a rank that fails,", () => {
  it("tells the others why, at once", () => {
    const { effects } = assembled().step(
      from(2, {
        type: "failed",
        error: { code: "ERR_OTHER", message: "x is undefined" },
      }),
      10,
    );
    expect(brief(effects)).toEqual(["lost 2 → 0", "lost 2 → 1", "gone 2"]);
    expect(effects[0]).toMatchObject({
      message: {
        error: {
          message: "rank 2 (a, pid 102) failed: x is undefined",
          failedRanks: [2],
        },
      },
    });
  });

  it("tells also who was lost before, which may be why", () => {
    const service = assembled();
    const failed = (rank: number, message: string) =>
      service.step(
        from(rank, { type: "failed", error: { code: "ERR_OTHER", message } }),
        10,
      );
    failed(1, "no way to rank 2");
    expect(failed(2, "it exited with code 3").effects[0]).toMatchObject({
      message: {
        error: {
          message:
            "rank 2 (a, pid 102) failed: it exited with code 3; before that: rank 1 (a, pid 101) failed: no way to rank 2",
          failedRanks: [2],
        },
      },
    });
  });

  it("loses it once, though it is silent from then on", () => {
    const service = assembled();
    const failed = from(2, {
      type: "failed",
      error: { code: "ERR_OTHER", message: "" },
    });
    service.step(failed, 10);
    expect(service.step(failed, 20).effects).toEqual([]);
    expect(pass(service, 0, 20_000, [0, 1])).toEqual([]);
  });
});

describe("membership, of ranks that leave,", () => {
  it("releases at once one that has sent nothing and tells the others", () => {
    expect(brief(assembled().step(leave(1, 0, 0, 0), 10).effects)).toEqual([
      "left 1 (0) → 0",
      "left 1 (0) → 2",
      "gone 1",
      "released → 1",
    ]);
  });

  it("releases one that has sent something when everybody has it", () => {
    const service = assembled();
    expect(brief(service.step(leave(1, 5, 0, 7), 10).effects)).toEqual([
      "left 1 (5) → 0",
      "left 1 (7) → 2",
      "gone 1",
    ]);
    expect(service.step(drained(2, 1), 20).effects).toEqual([]);
    expect(brief(service.step(drained(0, 1), 30).effects)).toEqual([
      "released → 1",
    ]);
  });

  it("does not wait for what a rank sent to itself", () => {
    expect(brief(assembled().step(leave(1, 0, 9, 0), 10).effects)).toContain(
      "released → 1",
    );
  });

  it("waits for no reader that is lost", () => {
    const service = assembled();
    service.step(leave(1, 5, 0, 0), 10);
    const { effects } = service.step(
      from(0, { type: "failed", error: { code: "ERR_OTHER", message: "" } }),
      20,
    );
    expect(brief(effects)).toEqual([
      "lost 0 → 1",
      "lost 0 → 2",
      "gone 0",
      "released → 1",
    ]);
  });

  it("waits for no reader that has ended without reading", () => {
    const service = assembled();
    service.step(leave(1, 0, 0, 7), 10);
    expect(brief(service.step(leave(2, 0, 0, 0), 20).effects)).toEqual([
      "left 2 (0) → 0",
      "left 2 (0) → 1",
      "gone 2",
      "released → 2",
      "released → 1",
    ]);
  });

  it("loses one that falls silent while it leaves", () => {
    const service = assembled();
    service.step(leave(1, 5, 0, 0), 10);
    expect(brief(pass(service, 250, 6_000, [0, 2]))).toEqual([
      "lost 1 → 0",
      "lost 1 → 2",
      "gone 1",
    ]);
  });

  it("does not lose one that was released and is silent from then on", () => {
    const service = assembled();
    service.step(leave(1, 0, 0, 0), 10);
    expect(pass(service, 250, 20_000, [0, 2])).toEqual([]);
  });

  it("takes a second farewell for nothing", () => {
    const service = assembled();
    service.step(leave(1, 5, 0, 0), 10);
    expect(service.step(leave(1, 0, 0, 0), 20).effects).toEqual([]);
  });

  it("is over when the last one has left or failed", () => {
    const service = assembled();
    expect(brief(service.step(leave(0, 0, 0, 0), 10).effects)).not.toContain(
      "over",
    );
    service.step(
      from(1, { type: "failed", error: { code: "ERR_OTHER", message: "" } }),
      20,
    );
    expect(brief(service.step(leave(2, 3, 3, 0), 30).effects)).toEqual([
      "gone 2",
      "released → 2",
      "over",
    ]);
  });

  it("is over when the ranks never found each other", () => {
    const service = run(membership, JOB);
    expect(
      brief(
        service.step({ type: "announced", news: { type: "dispersed" } }, 10)
          .effects,
      ),
    ).toEqual(["over"]);
  });
});

describe("the launcher's word", () => {
  const rankEnded: ServiceEvent = {
    type: "rank-ended",
    rank: 1,
    how: "was ended by SIGKILL",
  };

  test("that a process has ended makes its rank lost at once", () => {
    const { effects, reason } = assembled().step(rankEnded, 10);
    expect(brief(effects)).toEqual(["lost 1 → 0", "lost 1 → 2", "gone 1"]);
    expect(reason).toBe("rank 1 (a, pid 101) was ended by SIGKILL");
  });

  test("says nothing new of a rank that has said why it failed, or is unknown", () => {
    const service = assembled();
    service.step(
      from(1, { type: "failed", error: { code: "ERR_OTHER", message: "m" } }),
      5,
    );
    expect(service.step(rankEnded, 10).effects).toEqual([]);
    expect(run(membership, JOB).step(rankEnded, 10).effects).toEqual([]);
  });

  test("frees a rank that leaves and waited for it", () => {
    const service = assembled();
    service.step(leave(0, 0, 5, 0), 5);
    expect(brief(service.step(rankEnded, 10).effects)).toContain(
      "released → 0",
    );
  });
});
