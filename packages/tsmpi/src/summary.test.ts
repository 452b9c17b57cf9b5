import { initialState } from "./job-state";
import { summarize } from "./summary";

const state = {
  ...initialState({
    size: 2,
    masterPort: 0,
    timeoutMs: null,
    startTimeoutMs: 1,
    recovery: false,
  }),
};
const ended = { ...state.ranks[0]!, phase: "ended", code: 0 } as const;

describe("summarizing a run", () => {
  test("takes engine and speed from what the ranks reported, the last training run", () => {
    const summary = summarize({
      state: { ...state, ranks: [ended, ended] },
      exitCode: 0,
      wallMs: 2_500,
      statuses: [
        { type: "engine", name: "wasm", device: "cpu", version: "4.22.0" },
        { type: "training", samples: 1, seconds: 1, communicationSeconds: 1 },
        { type: "training", samples: 800, seconds: 4, communicationSeconds: 1 },
      ],
      failure: null,
    });
    expect(summary).toEqual({
      ranks: 2,
      exitCode: 0,
      exitCodes: [0, 0],
      wallSeconds: 2.5,
      engine: { name: "wasm", device: "cpu", version: "4.22.0" },
      samplesPerSecond: 200,
      communicationShare: 0.25,
      firstFailure: null,
    });
  });

  test("has null for what is not known, and the first failure", () => {
    const killed = {
      ...ended,
      code: null,
      signal: "SIGKILL",
    } as const;
    const summary = summarize({
      state: { ...state, ranks: [killed, state.ranks[1]!] },
      exitCode: 137,
      wallMs: 1,
      statuses: [],
      failure: {
        rank: 0,
        pid: 5,
        code: null,
        signal: "SIGKILL",
        isLost: false,
        stack: null,
      },
    });
    expect(summary).toMatchObject({
      exitCodes: [137, null],
      engine: null,
      samplesPerSecond: null,
      firstFailure: { rank: 0, pid: 5, exitCode: 137, signal: "SIGKILL" },
    });
  });
});
