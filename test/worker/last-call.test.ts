import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../support/launch";

const PROGRAM = join(__dirname, "programs/last-call.mts");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-last-call-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("ranks that differ in the last call of their programs", () => {
  it.each([2, 3])("still say what theirs was, %i ranks", async (ranks) => {
    const { stdout, stderr, exitCode } = await launch({
      // In shared memory nobody is through before all have come.
      args: ["-n", String(ranks), "--transport", "ipc", PROGRAM, folder],
    });
    // Its peers could not keep it: a root is through when it has sent.
    expect(stdout).toContain("rank 0 is through\n");
    for (let rank = 1; rank < ranks; rank++)
      expect(stdout).toMatch(
        new RegExp(
          `^rank ${rank}: ERR_MISMATCH the ranks differ in collective #0; .*\n  rank 0: bcast\\(root 0\\) at .*last-call.mts:\\d+:\\d+$`,
          "m",
        ),
      );
    expect(stderr).toContain("[rank 0] the program has ended, but: the ranks");
    expect(exitCode).toBe(0);
  });
});
