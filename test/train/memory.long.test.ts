import { join } from "node:path";
import { launch } from "../support/launch";
import { describeEngines } from "../support/native-engine";

interface Seen {
  readonly step: number;
  readonly tensors: number;
  readonly megabytes: number;
}

/** What `programs/memory.mts` tells of each rank. */
async function fit(
  ranks: number,
  steps: number,
  env: Readonly<Record<string, string>>,
): Promise<Seen[][]> {
  const { stdout } = await launch({
    args: [
      "-n",
      `${ranks}`,
      join(__dirname, "programs/memory.mts"),
      `${steps}`,
    ],
    env,
    timeoutMs: 900_000,
  });
  const seen = JSON.parse(stdout) as Seen[][];
  console.log(
    seen.map((rank) =>
      rank.map(({ megabytes }) => megabytes.toFixed(1)).join(" "),
    ),
  );
  expect(seen).toHaveLength(ranks);
  return seen;
}

function expectConstant(rank: readonly Seen[], steps: number, growth: number) {
  const [first, last] = [rank[0]!, rank.at(-1)!];
  expect([first.step, last.step]).toEqual([steps / 10, steps]);
  expect(last.tensors).toBe(first.tensors);
  expect(last.megabytes).toBeLessThanOrEqual((1 + growth) * first.megabytes);
}

describeEngines(["wasm", "tensorflow"], "on %s", (_, env) => {
  test("fit keeps resident memory within 5 % and tensors constant over 2,000 steps on every rank", async () => {
    for (const rank of await fit(2, 2_000, env))
      expectConstant(rank, 2_000, 0.05);
  });

  test.each([1, 2])(
    "resident memory grows by less than 2 % over 10,000 steps of fit on %i ranks",
    async (ranks) => {
      for (const rank of await fit(ranks, 10_000, env))
        expectConstant(rank, 10_000, 0.02);
    },
  );
});
