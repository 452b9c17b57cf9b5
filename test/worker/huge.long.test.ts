import { join } from "node:path";
import { launch } from "../support/launch";

describe("buffers of sizes that no other test has", () => {
  it.each([
    { gibibytes: 1, ranks: 3 },
    { gibibytes: 2.25, ranks: 2 },
  ])("$gibibytes GiB on each of $ranks ranks", async ({ gibibytes, ranks }) => {
    const { stdout, stderr } = await launch({
      args: ["-n", String(ranks), join(__dirname, "programs/huge.mts")],
      env: { GIBIBYTES: String(gibibytes) },
      timeoutMs: 1_200_000,
    });
    console.log(stdout);
    expect(stderr).toBe("");
    expect(stdout).toContain("all is right");
  });
});
