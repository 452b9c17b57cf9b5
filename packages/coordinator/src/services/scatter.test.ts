import type { RankMessage } from "@tsmpi/protocol";
import { run, type ServiceEvent } from "../service";
import { scatter, WINDOW_CHUNKS } from "./scatter";

const JOB = { size: 3, startTimeoutMs: 1, heartbeatTimeoutMs: 1 };
const from = (
  rank: number,
  message: RankMessage,
  payload: Uint8Array | null = null,
): ServiceEvent => ({
  type: "message",
  rank,
  message,
  payload,
});

describe("scatter", () => {
  it("announces the rows to their rank and gives the root a window of credits", () => {
    const service = run(scatter, JOB);
    expect(
      service.step(
        from(0, { type: "scatter-open", scatter: 7, dest: 2, bytes: 1000 }),
        0,
      ).effects,
    ).toEqual([
      {
        type: "send",
        to: 2,
        message: { type: "scatter-open", scatter: 7, bytes: 1000 },
      },
      {
        type: "send",
        to: 0,
        message: {
          type: "scatter-credit",
          scatter: 7,
          dest: 2,
          chunks: WINDOW_CHUNKS,
        },
      },
    ]);
  });

  it("passes a chunk on as it is", () => {
    const service = run(scatter, JOB);
    service.step(
      from(0, { type: "scatter-open", scatter: 7, dest: 2, bytes: 3 }),
      0,
    );
    const payload = Uint8Array.of(1, 2, 3);
    const { effects } = service.step(
      from(0, { type: "scatter-chunk", scatter: 7, dest: 2 }, payload),
      0,
    );
    expect(effects).toEqual([
      {
        type: "send",
        to: 2,
        message: { type: "scatter-chunk", scatter: 7 },
        payload,
      },
    ]);
  });

  it("never lets more than a window of chunks be under way to a rank", () => {
    const service = run(scatter, JOB);
    const credits = { granted: 0, sent: 0, stored: 0 };
    const step = (event: ServiceEvent) => {
      for (const effect of service.step(event, 0).effects)
        if (effect.type === "send" && effect.message.type === "scatter-credit")
          credits.granted += effect.message.chunks;
    };
    step(from(1, { type: "scatter-open", scatter: 0, dest: 2, bytes: 100 }));
    while (credits.stored < 20) {
      while (credits.sent < credits.granted) {
        step(
          from(
            1,
            { type: "scatter-chunk", scatter: 0, dest: 2 },
            new Uint8Array(1),
          ),
        );
        credits.sent++;
      }
      expect(credits.sent - credits.stored).toBe(WINDOW_CHUNKS);
      step(from(2, { type: "scatter-stored", scatter: 0 }));
      credits.stored++;
    }
  });

  it("takes a credit for a scatter that it does not know for nothing", () => {
    expect(
      run(scatter, JOB).step(from(2, { type: "scatter-stored", scatter: 3 }), 0)
        .effects,
    ).toEqual([]);
  });
});
