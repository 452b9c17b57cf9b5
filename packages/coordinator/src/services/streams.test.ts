import type { RankMessage } from "@tsmpi/protocol";
import { run, type ServiceEvent } from "../service";
import { streams } from "./streams";

const JOB = { size: 3, startTimeoutMs: 1, heartbeatTimeoutMs: 1 };
const WINDOW = 4;
const stream = "s";
const from = (
  rank: number,
  message: RankMessage,
  payload: Uint8Array | null = null,
): ServiceEvent => ({ type: "message", rank, message, payload });
const gone = (rank: number): ServiceEvent => ({
  type: "announced",
  news: { type: "gone", rank },
});
const open = (dests: readonly number[]): ServiceEvent =>
  from(0, { type: "stream-open", stream, dests, window: WINDOW });
const piece = (dest: number, payload = new Uint8Array(1)): ServiceEvent =>
  from(0, { type: "stream-piece", stream, dest, more: false }, payload);

/** The service, with what it sends: to whom, and what. */
function started() {
  const service = run(streams, JOB);
  return (event: ServiceEvent) =>
    service
      .step(event, 0)
      .effects.flatMap((effect) =>
        effect.type === "send" ? [[effect.to, effect.message]] : [],
      );
}

describe("streams", () => {
  it("give the root a window of credits for each rank", () => {
    expect(started()(open([1, 2]))).toEqual(
      [1, 2].map((dest) => [
        0,
        { type: "stream-credit", stream, dest, pieces: WINDOW },
      ]),
    );
  });

  it("pass a piece on as it is", () => {
    const service = run(streams, JOB);
    service.step(open([2]), 0);
    const payload = Uint8Array.of(1, 2, 3);
    expect(service.step(piece(2, payload), 0).effects).toEqual([
      {
        ...{ type: "send", to: 2, payload },
        message: { type: "stream-piece", stream, more: false },
      },
    ]);
  });

  it("never let more than a window of pieces be under way to a rank", () => {
    const step = started();
    let [granted, sent] = [0, 0];
    const hear = (event: ServiceEvent) => {
      for (const [, message] of step(event) as [number, RankMessage][])
        if ((message.type as string) === "stream-credit")
          granted += (message as unknown as { pieces: number }).pieces;
    };
    hear(open([2]));
    for (let taken = 0; taken < 20; taken++) {
      for (; sent < granted; sent++) step(piece(2));
      expect(sent - taken).toBe(WINDOW);
      hear(from(2, { type: "stream-taken", stream, pieces: 1 }));
    }
  });

  it("end for each rank by itself, with the root's error", () => {
    const step = started();
    step(open([1, 2]));
    const error = { code: "ERR_DATA", message: "broken" };
    expect(
      step(from(0, { type: "stream-end", stream, dest: 1, error })),
    ).toEqual([[1, { type: "stream-end", stream, error }]]);
    expect(step(piece(1))).toEqual([]);
    expect(step(piece(2))).toHaveLength(1);
  });

  it.each([
    ["stops it", [1, 0], from(1, { type: "stream-stop", stream })],
    ["is gone", [0], gone(1)],
  ])(
    "tell the root of a rank that %s, and go on for the others",
    (_, told, event) => {
      const step = started();
      step(open([1, 2]));
      const stopped = { type: "stream-stopped", stream, dest: 1 };
      expect(step(event)).toEqual(told.map((rank) => [rank, stopped]));
      expect(step(piece(1))).toEqual([]);
      expect(step(piece(2))).toHaveLength(1);
    },
  );

  it.each([
    ["stopped it", [1], from(1, { type: "stream-stop", stream })],
    ["was gone", [], gone(1)],
  ])("open without a rank that %s before", (_, told, event) => {
    const step = started();
    const stopped = { type: "stream-stopped", stream, dest: 1 };
    expect(step(event)).toEqual(told.map((rank) => [rank, stopped]));
    expect(step(open([1]))).toEqual([[0, stopped]]);
  });

  it("tell a rank that stops one which has ended for it meanwhile", () => {
    const step = started();
    step(open([1, 2]));
    step(from(0, { type: "stream-end", stream, dest: 1, error: null }));
    expect(step(from(1, { type: "stream-stop", stream }))).toEqual([
      [1, { type: "stream-stopped", stream, dest: 1 }],
    ]);
  });

  it("take a credit of a stream that they do not know for nothing", () => {
    const taken = { type: "stream-taken", stream, pieces: 1 } as const;
    expect(started()(from(2, taken))).toEqual([]);
  });
});
