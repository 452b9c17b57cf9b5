import { type RankEnd, runByHand, startByHand } from "../support/ranks-by-hand";

const QUICK = { TSMPI_HEARTBEAT_MS: "100", TSMPI_HEARTBEAT_TIMEOUT_MS: "700" };
const codesOf = (ends: readonly RankEnd[]) =>
  ends.map(({ exitCode, signal }) => exitCode ?? signal);

describe("A rank that is stopped", () => {
  it.each([1, 2])(
    "makes those raise that wait for it, and is named: rank %i",
    async (stopped) => {
      const { processes, printed, done } = await startByHand({
        program: "act.js",
        args: ["wait-for", String(stopped)],
        size: 3,
        env: QUICK,
      });
      for (const rank of [0, 1, 2]) await printed(rank, "ready");
      processes[stopped]!.kill("SIGSTOP");
      const others = [0, 1, 2].filter((rank) => rank !== stopped);
      for (const rank of others) await printed(rank, "ERR_PROC_FAILED");
      processes[stopped]!.kill("SIGKILL");
      const ends = await done;
      for (const rank of others) {
        expect(ends[rank]!.stdout).toMatch(
          new RegExp(
            `ERR_PROC_FAILED no heartbeat from rank ${stopped} \\(.+, pid ${processes[stopped]!.pid}\\) for \\d+ ms`,
          ),
        );
        expect(ends[rank]!.exitCode).toBe(0);
      }
    },
  );

  it("makes the others raise, and is named: rank 0, which runs the coordinator", async () => {
    const { processes, printed, done } = await startByHand({
      program: "act.js",
      args: ["wait-for", "0"],
      size: 3,
      env: QUICK,
    });
    for (const rank of [0, 1, 2]) await printed(rank, "ready");
    processes[0]!.kill("SIGSTOP");
    for (const rank of [1, 2]) await printed(rank, "ERR_PROC_FAILED");
    processes[0]!.kill("SIGKILL");
    const ends = await done;
    for (const rank of [1, 2]) {
      expect(ends[rank]!.stdout).toMatch(
        /ERR_PROC_FAILED no heartbeat from rank 0 \(.+\), which runs the coordinator, for \d+ ms/,
      );
      expect(ends[rank]!.exitCode).toBe(0);
    }
  });

  it("hears, when it goes on, that the others have given it up", async () => {
    const { processes, printed, done } = await startByHand({
      program: "act.js",
      args: ["wait-after-stop"],
      size: 3,
      env: QUICK,
    });
    for (const rank of [0, 1, 2]) await printed(rank, "ready");
    processes[1]!.kill("SIGSTOP");
    for (const rank of [0, 2]) await printed(rank, "ERR_PROC_FAILED");
    processes[1]!.kill("SIGCONT");
    const ends = await done;
    for (const { stdout } of ends)
      expect(stdout).toMatch(/ERR_PROC_FAILED no heartbeat from rank [01] /);
    expect(codesOf(ends)).toEqual([0, 0, 0]);
  });
});

describe("A rank that fails", () => {
  it.each([
    ["exit-7", 0, 7, "it exited with code 7"],
    ["exit-7", 1, 7, "it exited with code 7"],
    ["throw", 0, 1, "thrown by the program"],
    ["throw", 1, 1, "thrown by the program"],
    ["reject", 2, 1, "rejected by the program"],
  ])(
    "by %s, rank %i, has exit code %i, and the others hear why",
    async (act, failing, code, why) => {
      const ends = await runByHand({
        program: "act.js",
        args: [act, String(failing)],
        size: 3,
        env: QUICK,
      });
      expect(codesOf(ends)).toEqual(
        [0, 1, 2].map((rank) => (rank === failing ? code : 0)),
      );
      for (const [rank, { stdout, stderr }] of ends.entries())
        if (rank !== failing) {
          expect(stdout).toMatch(
            new RegExp(
              `^ERR_PROC_FAILED rank ${failing} \\(.+, pid \\d+\\) failed: ${why}`,
            ),
          );
          expect(stderr).toBe("");
        }
    },
  );
});

describe("A process", () => {
  it("that ends well never aborts, and waits for no heartbeat to be missed", async () => {
    // If a farewell were lost, a rank would wait for it until it is killed.
    const env = { TSMPI_HEARTBEAT_TIMEOUT_MS: "600000" };
    for (let time = 0; time < 6; time++) {
      const jobs = [2, 3].map((size) =>
        runByHand({ program: "act.js", args: ["hello"], size, env }),
      );
      const [two, three] = (await Promise.all(jobs)).map(codesOf);
      expect([two, three]).toEqual([
        [0, 0],
        [0, 0, 0],
      ]);
    }
  });

  it.each([
    [
      "that calls process.exit in a pending collective",
      ["exit-7", "1"],
      [0, 7],
    ],
    ["that calls process.exit beside the coordinator", ["exit-7", "0"], [7, 0]],
    ["that ends by an uncaught exception", ["uncaught"], [1, 1]],
  ])("%s never aborts", async (_, args, codes) => {
    for (let time = 0; time < 3; time++) {
      const jobs = [0, 1].map(() =>
        runByHand({ program: "act.js", args, size: 2, env: QUICK }),
      );
      for (const ends of await Promise.all(jobs))
        expect(codesOf(ends)).toEqual(codes);
    }
  });
});
