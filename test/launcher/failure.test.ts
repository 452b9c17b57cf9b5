import { launch, start } from "../support/launch";
import { program } from "./temporary";

/** 1 s, and a little for a machine that does other things too. */
const MOST_MS = 1_500;

const fail = (how: string, wait = "timer", ranks = 3) =>
  launch({ args: ["-n", String(ranks), program("fail.js"), "1", how, wait] });

describe("failing on one rank", () => {
  test.each([
    ["7", 7, "failed with exit code 7"],
    ["SIGSEGV", 139, "was ended by SIGSEGV (exit code 139)"],
    [
      "SIGKILL",
      137,
      "was ended by SIGKILL (exit code 137), by hand or for want of memory",
    ],
    ["abort", 134, "was ended by SIGABRT (exit code 134)"],
  ])("by %s gives exit code %d and one line", async (how, code, text) => {
    const { exitCode, stderr } = await fail(how);
    expect(exitCode).toBe(code);
    expect(stderr.match(/^tsrun: .*/gm)).toEqual([
      expect.stringMatching(
        /^tsrun: rank 1 \(host \S+, pid \d+\) .*; ending the other 2 ranks$/,
      ),
    ]);
    expect(stderr).toContain(text);
  });

  test("by an uncaught error shows its stack and its cause once", async () => {
    const { exitCode, stderr } = await fail("throw");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^tsrun: rank 1 \(host \S+, pid \d+\) failed with exit code 1; ending the other 2 ranks\n {2}Error: boom\n {6}at .*fail\.js:\d+:\d+\)\n {2}caused by: TypeError: deeper\n.*\n$/,
    );
  });

  test("by a rejected promise shows what it was rejected with", async () => {
    expect((await fail("reject")).stderr).toContain("\n  Error: rejected\n");
    expect((await fail("reject-text")).stderr).toContain(
      "\n  rejected and not caught: just text\n",
    );
  });

  test("in minified code shows 2 kB at most", async () => {
    const { stderr } = await fail("minified");
    expect(stderr).toContain("Error: in minified code");
    expect(stderr.length).toBeLessThan(2_300);
  });

  test.each(["timer", "blocked", "busy", "stubborn", "stopped"])(
    "ends ranks that are %s within 1 s",
    async (wait) => {
      const {
        process: child,
        printed,
        done,
      } = start({
        args: ["-n", "3", program("fail.js"), "1", "throw", wait],
      });
      await printed(/^failing$/gm, 1);
      const startMs = performance.now();
      const { exitCode } = await done;
      expect(exitCode).toBe(1);
      expect(performance.now() - startMs).toBeLessThan(MOST_MS);
      expect(child.signalCode).toBeNull();
    },
  );

  test("ends a rank that reports its failure and then hangs", async () => {
    const { exitCode, stderr, wallMs } = await fail("hang", "timer", 2);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Error: hangs at its end");
    expect(wallMs).toBeLessThan(5_000);
  });

  test("is the program's own affair where it listens for uncaught errors", async () => {
    const { exitCode, stdout, stderr } = await launch({
      args: ["-n", "1", program("own-handler.js")],
    });
    expect({ exitCode, stdout }).toEqual({
      exitCode: 5,
      stdout: "own handler: mine\n",
    });
    expect(stderr).toContain("failed with exit code 5");
  });

  test("is blamed on the rank that was lost, not on those that lost it", async () => {
    const { exitCode, stderr } = await launch({
      args: ["-n", "3", program("lose-peer.js")],
    });
    expect(exitCode).toBe(7);
    expect(stderr).toMatch(/^tsrun: rank 1 .* failed with exit code 7.*\n$/);
  });
});
