import { join } from "node:path";
import { launch } from "../support/launch";

test("a computation of 60 s on one rank is no failure", async () => {
  const { exitCode, lines, stderr, wallMs } = await launch({
    args: [
      "-n",
      "3",
      join(__dirname, "programs/wait.mts"),
      "allreduce",
      "1",
      "compute-60",
    ],
    timeoutMs: 120_000,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(lines.filter((line) => line.startsWith("done"))).toHaveLength(3);
  expect(wallMs).toBeGreaterThan(60_000);
});
