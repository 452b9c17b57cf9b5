import { join } from "node:path";
import { launch } from "../support/launch";

test("fit keeps resident memory within 5 % and tensors constant from step 200 to step 2,000 on every rank", async () => {
  const { stdout } = await launch({
    args: ["-n", "2", join(__dirname, "programs/memory.mts")],
    timeoutMs: 300_000,
  });
  const ranks = JSON.parse(stdout) as {
    step: number;
    tensors: number;
    megabytes: number;
  }[][];
  console.log(JSON.stringify(ranks));
  expect(ranks).toHaveLength(2);
  for (const seen of ranks) {
    const [first, last] = [seen[0]!, seen.at(-1)!];
    expect([first.step, last.step]).toEqual([200, 2_000]);
    expect(last.tensors).toBe(first.tensors);
    expect(last.megabytes).toBeLessThanOrEqual(1.05 * first.megabytes);
  }
});
