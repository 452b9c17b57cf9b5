import { launch } from "../support/launch";
import { program } from "./temporary";

/** Rank `who` of three fails `how`, under --recovery. */
const recover = (who: number, how: string, ...more: string[]) =>
  launch({
    args: [
      ...["-n", "3", "--recovery", program("recover.mts")],
      ...[String(who), how, ...more],
    ],
  });

describe("tsrun --recovery", () => {
  test.each([
    ["kill", "was ended by SIGKILL", /was ended by SIGKILL \(exit code 137\)$/],
    ["exit", "failed with exit code 7", /failed: it exited with code 7$/],
    ["throw", "failed with exit code 1", /failed: boom$/],
  ])(
    "lets the others go on when a rank fails (%s): they see ProcessFailedError, and the exit code is that of rank 0",
    async (how, report, seen) => {
      const { exitCode, lines, stderr } = await recover(1, how);
      expect(exitCode).toBe(0);
      expect(lines).toEqual([
        expect.stringMatching(/^rank 0: 1 rank 1 \(\S+, pid \d+\) /),
        "rank 0: 2 left",
        expect.stringMatching(seen),
        "rank 2: 2 left",
      ]);
      // They hear of the failure at once, and may have ended before that rank's process has.
      expect(stderr).toMatch(
        new RegExp(
          `^tsrun: rank 1 \\(host \\S+, pid \\d+\\) ${report}.*?(; the other (2 ranks go|rank goes) on)?\\n`,
        ),
      );
      if (how === "throw") expect(stderr).toContain("\n  Error: boom\n");
    },
  );

  test("tells of a killed rank without waiting for its heartbeat", async () => {
    const { exitCode, lines } = await launch({
      args: ["-n", "2", "--recovery", program("recover.mts"), "1", "kill"],
      env: { TSMPI_HEARTBEAT_TIMEOUT_MS: "600000" },
    });
    expect(exitCode).toBe(0);
    expect(lines).toContain("rank 0: 1 left");
  });

  test("ends with the exit code of rank 0, whatever others did", async () => {
    expect((await recover(2, "kill", "5")).exitCode).toBe(5);
  });

  test("ends the job when rank 0 fails", async () => {
    const { exitCode, stderr } = await recover(0, "throw");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^tsrun: rank 0 .*; ending the other 2 ranks\n/);
  });

  test("ends a rank that says it fails and does not end", async () => {
    const { exitCode, stderr } = await recover(1, "hang");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("was ended by SIGKILL");
    expect(stderr).toContain("Error: boom, and no end");
  });
});
