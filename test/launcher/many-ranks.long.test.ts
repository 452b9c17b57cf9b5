import { join } from "node:path";
import { start } from "../support/launch";

test("64 ranks say hello in less than 60 s, with no more files than a login shell may open", async () => {
  const { exitCode, stderr, lines, wallMs } = await start({
    command: ["sh", "-c", 'ulimit -n 1024 && exec "$@"', "sh"],
    args: ["-n", "64", join(__dirname, "../../examples/hello.ts")],
    timeoutMs: 120_000,
  }).done;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(lines).toHaveLength(64);
  expect(wallMs).toBeLessThan(60_000);
});
