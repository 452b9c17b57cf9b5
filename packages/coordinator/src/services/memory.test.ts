import { run } from "../service";
import { memory } from "./memory";

const MIB = 2 ** 20;
const EVERY_MS = 10_000;

/** The warnings that come of rank 1's reports in MiB, one every 10 s. */
function warnings(...mebibytes: number[]): string[] {
  const service = run(memory, {
    ...{ size: 2, startTimeoutMs: 1, heartbeatTimeoutMs: 1 },
  });
  const addresses = [0, 1].map((rank) => ({
    ...{
      rank,
      endpoint: "",
      host: "a",
      pid: 100 + rank,
      machine: "m",
      share: null,
    },
  }));
  service.step(
    { type: "announced", news: { type: "assembled", addresses } },
    0,
  );
  return mebibytes.flatMap((count, i) => {
    const message = { type: "memory", residentBytes: count * MIB } as const;
    const { effects } = service.step(
      { type: "message", rank: 1, message, payload: null },
      (i + 1) * EVERY_MS,
    );
    return effects.map((effect) => (effect.type === "warn" ? effect.text : ""));
  });
}

describe("memory", () => {
  it("names a rank that grows in each of six reports, by enough", () => {
    const said = warnings(300, 320, 340, 360, 380, 400, 420);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /^rank 1 \(host a, pid 101\): resident memory grows steadily, from 300 to 420 MiB in 60 s; tsrun --check-leaks/,
    );
  });
  it("says it again at the double only", () =>
    expect(
      warnings(100, 200, 300, 400, 500, 600, 700, 800, 1_300, 1_400, 1_500),
    ).toHaveLength(2));
  it("names a rank that begins to grow when its buffers have filled up", () => {
    const leak = Array.from({ length: 30 }, (_, i) => 230 + 10 * i);
    expect(warnings(100, 200, 220, ...leak)).toHaveLength(1);
  });
  it.each([
    // Reading 14 GB.
    ["that reads files", [138, 146, 167, 191, 193, 195, 206, 200, 199, 200]],
    ["that fills up", [200, 300, 350, 375, 388, 394, 397, 399, 400, 401]],
    ["that shrinks in between", [300, 340, 380, 420, 410, 450, 490, 530, 570]],
    ["that grows little in all", [300, 301, 302, 303, 304, 305, 306, 307]],
    ["that is large already", [4000, 4020, 4040, 4060, 4080, 4100, 4120, 4140]],
    ["that has just started", [100, 300, 500, 700, 900]],
  ])("takes no notice of a rank %s", (_, reports) =>
    expect(warnings(...reports)).toEqual([]),
  );
});
