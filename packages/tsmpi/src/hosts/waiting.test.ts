import type { RunOptions } from "../options";
import { parseRun } from "../parse";
import type { HostFacts } from "../plan";
import { Waiting } from "./waiting";

const host = (name: string, slots: number | null): HostFacts => ({
  ...{ name, slots, isLocal: false, maxSlots: null },
  ...{ cores: [0, 1, 2, 3], gpus: [] },
});

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Agents `a:2 b:1` join one after the other; a bare name offers its 4 cores. @returns how many are taken, or why it is given up */
async function gather(
  line: string,
  joining: string,
  named: readonly HostFacts[] = [],
): Promise<number | string> {
  const run = parseRun(
    `--agents 29400 ${line} p.ts`.split(" ").filter(Boolean),
  ) as RunOptions;
  const { signal } = new AbortController();
  const waiting = new Waiting({ run, named, timeoutMs: 10_000, signal });
  for (const text of joining.split(" ").filter(Boolean)) {
    const [name, slots] = text.split(":");
    if (waiting.isOver) break;
    waiting.joined(host(name!, slots === undefined ? null : Number(slots)));
  }
  jest.advanceTimersByTime(10_000);
  return waiting.complete.then(
    (agents) => agents.length,
    ({ message }: Error) => message,
  );
}

describe("a launcher with agents", () => {
  test.each([
    ["-n 2", "a:2 b:2", 1],
    ["-n 3", "a:2 b:2", 2],
    ["-n 4", "a b", 1],
    ["-n 2 --map-by ppr:1:node", "a:2 b:2 c:2", 2],
    ["-n 3 --map-by ppr:2:node", "a:4 b:4", 2],
    ["", "a:2 b:2", 2],
    ["--map-by ppr:1:node", "a:2 b:2 c:2", 3],
    ["-n 5 --oversubscribe", "a:2 b:2", 2],
    ["-n 3 --oversubscribe", "a:2 b:2 c:2", 2],
  ])("with %j begins when %s have come: it takes %i", (line, come, taken) =>
    expect(gather(line, come)).resolves.toBe(taken),
  );

  test("needs none where its own hosts have a place for each rank", () =>
    expect(gather("-n 2", "", [host("here", 4)])).resolves.toBe(0));

  test("fills up its own hosts first", () =>
    expect(gather("-n 6", "a:4 b:4", [host("here", 4)])).resolves.toBe(1));

  test("waits for one where nobody says how many ranks there are", () =>
    expect(gather("", "a:2", [host("here", 4)])).resolves.toBe(1));

  test.each([
    ["-n 2", "", /^within 10 s no agent has joined; run "tsrun agent --join/],
    ["", "", /^within 10 s no agent has joined; run "tsrun agent --join HOST:/],
    [
      "-n 5",
      "a:2 b:2",
      /^within 10 s there is no place for all ranks: 5 ranks on 4 slots \(a: 2, b: 2\): .*; run "tsrun agent --join HOST:29400" on each host/,
    ],
    [
      "-n 2 --map-by ppr:1:node",
      "a:4",
      /no place for all ranks: -n 2: --map-by ppr:1:node starts 1 on each of 1 host/,
    ],
  ])("with %j and %j gives up, and says why", (line, come, why) =>
    expect(gather(line, come)).resolves.toMatch(why),
  );

  test("counts no agent that has left", async () => {
    const run = parseRun(["--agents", "1", "-n", "2", "p.ts"]) as RunOptions;
    const { signal } = new AbortController();
    const waiting = new Waiting({ run, named: [], timeoutMs: 10_000, signal });
    const [a, b] = [host("a", 1), host("b", 1)];
    waiting.joined(a);
    waiting.left(a);
    waiting.joined(b);
    expect(waiting.isOver).toBe(false);
    waiting.joined(a);
    expect(await waiting.complete).toEqual([b, a]);
  });
});
