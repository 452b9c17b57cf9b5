import { PROTOCOL_VERSION, type RankMessage } from "@tsmpi/protocol";
import { type Effect, run, type ServiceEvent } from "../service";
import { rendezvous } from "./rendezvous";

const JOB = { size: 3, startTimeoutMs: 1_500, heartbeatTimeoutMs: 5_000 };
const TICK: ServiceEvent = { type: "tick" };
const addressOf = (rank: number, pid = 100 + rank) => ({
  rank,
  endpoint: `ipc://${rank}`,
  host: "a",
  pid,
  machine: "m",
  share: null,
});

function join(
  rank: number,
  change: Partial<Extract<RankMessage, { type: "join" }>> = {},
): ServiceEvent {
  const message = {
    type: "join",
    version: PROTOCOL_VERSION,
    size: JOB.size,
    address: addressOf(rank),
    ...change,
  } as const;
  return { type: "message", rank, message, payload: null };
}

const start = (size = JOB.size) => run(rendezvous, { ...JOB, size });

/** Who is refused, and why. */
const refusals = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.type === "send" && effect.message.type === "refused"
      ? [{ to: effect.to, ...effect.message.error }]
      : [],
  );

describe("rendezvous", () => {
  it("welcomes everybody with all addresses in rank order as soon as the last one has joined", () => {
    const service = start();
    expect(service.step(join(2), 0).effects).toEqual([]);
    expect(service.step(join(0), 10).effects).toEqual([]);
    const { effects, reason } = service.step(join(1), 20);
    const addresses = [0, 1, 2].map((rank) => addressOf(rank));
    expect(effects).toEqual([
      ...[0, 1, 2].map((to) => ({
        type: "send",
        to,
        message: { type: "welcome", addresses },
      })),
      { type: "announce", news: { type: "assembled", addresses } },
    ]);
    expect(reason).toBe("all 3 ranks have joined");
  });

  it("names who is missing at the deadline, to all who joined, and gives up", () => {
    const service = start(4);
    service.step(join(2, { size: 4 }), 1_000);
    service.step(join(0, { size: 4 }), 2_000);
    expect(service.step(TICK, 2_499).effects).toEqual([]);
    const { effects } = service.step(TICK, 2_500);
    const message =
      "ranks 1, 3 did not join within 1.5 s (joined: 0, 2); every rank must use MPI.COMM_WORLD, or raise --start-timeout";
    expect(refusals(effects)).toEqual([
      { to: 2, code: "ERR_RENDEZVOUS", message },
      { to: 0, code: "ERR_RENDEZVOUS", message },
    ]);
    expect(effects.at(-1)).toEqual({
      type: "announce",
      news: { type: "dispersed" },
    });
    expect(service.step(TICK, 9_000).effects).toEqual([]);
  });

  it("waits for the first rank as long as it takes", () => {
    expect(start().step(TICK, 1e9).effects).toEqual([]);
  });

  it("is over its deadline once all have joined", () => {
    const service = start();
    for (const rank of [0, 1, 2]) service.step(join(rank), 0);
    expect(service.step(TICK, 1e9).effects).toEqual([]);
  });

  it("refuses another protocol version and names both", () => {
    const { effects } = start().step(
      join(1, { version: PROTOCOL_VERSION + 1 }),
      0,
    );
    expect(refusals(effects)).toEqual([
      {
        to: 1,
        code: "ERR_VERSION",
        message: `rank 1 (a, pid 101) speaks protocol version ${PROTOCOL_VERSION + 1}, the coordinator ${PROTOCOL_VERSION}; install the same tsmpi version everywhere`,
      },
    ]);
  });

  it("refuses another world size and names both", () => {
    const { effects } = start().step(join(1, { size: 4 }), 0);
    expect(refusals(effects)[0]!.message).toBe(
      "rank 1 was started with WORLD_SIZE=4, the coordinator with 3",
    );
  });

  it("refuses a rank that the job does not have", () => {
    const { effects } = start().step(join(3), 0);
    expect(refusals(effects)[0]!.message).toBe(
      "rank 3 is not one of the 3 ranks of this job",
    );
  });

  it("refuses a second process that says it is the same rank and names both", () => {
    const service = start();
    service.step(join(1), 0);
    const { effects } = service.step(
      join(1, { address: addressOf(1, 999) }),
      1,
    );
    expect(refusals(effects)[0]!.message).toBe(
      "two processes say they are rank 1: pid 101 on a and pid 999 on a",
    );
  });

  it("does not count a refused rank", () => {
    const service = start();
    service.step(join(0), 0);
    service.step(join(1, { version: 99 }), 0);
    expect(service.step(join(2), 0).effects).toEqual([]);
    expect(service.step(join(1), 0).effects.at(-1)).toMatchObject({
      type: "announce",
    });
  });

  it("refuses whoever comes after the deadline", () => {
    const service = start();
    service.step(join(0), 0);
    service.step(TICK, 1_500);
    const { effects } = service.step(join(1), 1_600);
    expect(refusals(effects)[0]!.message).toBe(
      "the rendezvous of this job has ended without all ranks",
    );
  });

  it("refuses everybody, now and later, when a process has ended before all have joined, and goes on until rank 0 ends", () => {
    const service = start();
    service.step(join(2), 0);
    const ended = service.step(
      { type: "rank-ended", rank: 1, how: "was ended by SIGKILL" },
      10,
    );
    const message = "rank 1 was ended by SIGKILL before all ranks had joined";
    expect(refusals(ended.effects)).toMatchObject([{ to: 2, message }]);
    expect(service.step(TICK, 100_000).effects).toEqual([]);
    expect(refusals(service.step(join(0), 100_001).effects)).toMatchObject([
      { to: 0, message },
    ]);
    const over = service.step({ type: "host-ended", failed: true }, 100_002);
    expect(over.effects.at(-1)).toMatchObject({ news: { type: "dispersed" } });
  });
});
