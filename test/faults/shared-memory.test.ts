import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ALGORITHM_NAMES, COLLECTIVES } from "@tsmpi/collective";
import { launch, start } from "../support/launch";

const PROGRAM = join(__dirname, "programs/shared-memory.mts");

const sums = (stdout: string): string[] =>
  [...stdout.matchAll(/^sum .*$/gm)].map(([line]) => line).sort();

const DIRECT = COLLECTIVES.filter((collective) =>
  (ALGORITHM_NAMES[collective] as readonly string[]).includes("direct"),
);

/** Kills rank 1 of 3 some time after it has begun: the others raise within 2 s, and sum up without it. */
async function killRank(afterMs: number, ...what: readonly string[]) {
  const job = start({ args: ["--recovery", "-n", "3", PROGRAM, ...what] });
  const pids = await job.printed(/^pid (\d) (\d+)$/gm, 3);
  const pid = Number(pids.find(([, rank]) => rank === "1")![2]);
  await setTimeout(afterMs);
  const killedMs = performance.now();
  process.kill(pid, "SIGKILL");
  await job.printed(/^raised [02] ERR_PROC_FAILED$/gm, 2);
  expect(performance.now() - killedMs).toBeLessThan(2_000);
  const { stdout } = await job.done;
  expect(sums(stdout)).toEqual(["sum 0 2", "sum 2 2"]);
  return { stdout, exitCode: job.process.exitCode };
}

describe("a rank killed inside a collective in shared memory", () => {
  it.each([...DIRECT, "gatherv", "scatterv", "allgatherv", "alltoallv"])(
    "(%s) makes the others raise within 2 s, and go on",
    async (collective) => void (await killRank(60, "each", collective)),
  );

  it.each([20, 90, 300])(
    "after %i ms makes the others raise within 2 s; they go on, and nothing is left",
    async (afterMs) => {
      const before = readdirSync("/dev/shm");
      const { stdout, exitCode } = await killRank(afterMs, "loop");
      expect(stdout).not.toMatch(/wrong/);
      expect(exitCode).toBe(0);
      expect(readdirSync("/dev/shm")).toEqual(before);
    },
  );
});

describe("two jobs on one host", () => {
  it("never meet: each has its own sum", async () => {
    const jobs = await Promise.all(
      [2, 3].map((ranks) =>
        launch({
          args: [
            ...["-n", String(ranks), "--transport", "shm"],
            ...[PROGRAM, "many-sums"],
          ],
        }),
      ),
    );
    expect(jobs.map(({ stdout }) => sums(stdout))).toEqual([
      ["sum 0 2000", "sum 1 2000"],
      ["sum 0 3000", "sum 1 3000", "sum 2 3000"],
    ]);
  });
});

describe("where ranks can share no memory", () => {
  const why = {
    "shares-differ":
      /the share of rank 1 has 5242880 bytes, that of rank 0 4194304; set TSMPI_ARENA_BYTES and LOCAL_WORLD_SIZE alike on all ranks/,
    "without-koffi":
      /koffi, which maps shared memory, does not load for \S+ \S+ \(.*\); install without --omit=optional, or use --transport ipc/,
    "another-container":
      /1 of 3 ranks of this host can share memory; are the others in different containers\?/,
  } as const;
  const envOf = (what: keyof typeof why) =>
    what === "shares-differ"
      ? {}
      : {
          NODE_OPTIONS: `--require ${join(__dirname, `programs/${what}.cjs`)}`,
        };

  it.each(Object.keys(why) as (keyof typeof why)[])(
    "(%s) the sum is right over sockets, and one line says why",
    async (what) => {
      const { stdout, stderr } = await launch({
        args: ["-n", "3", PROGRAM, what],
        env: { TSMPI_LOG: "notice", ...envOf(what) },
      });
      expect(sums(stdout)).toEqual(
        [0, 1, 2].map((rank) => `sum ${rank} 3 false`),
      );
      expect(stderr.match(/shared memory is not used/g)).toHaveLength(1);
      expect(stderr).toMatch(why[what]);
    },
  );

  it.each(Object.keys(why) as (keyof typeof why)[])(
    "(%s) --transport shm is refused, and says why",
    async (what) => {
      const { exitCode, stderr } = await launch({
        args: ["-n", "3", "--transport", "shm", PROGRAM, what],
        env: envOf(what),
      });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/there is no shared memory: rank \d: /);
      expect(stderr).toMatch(why[what]);
    },
  );

  it("--transport ipc does without, and says nothing", async () => {
    const { stdout, stderr } = await launch({
      args: ["-n", "2", "--transport", "ipc", PROGRAM, "sum"],
    });
    expect(sums(stdout)).toEqual(["sum 0 1 false", "sum 1 1 false"]);
    expect(stderr).toBe("");
  });

  it("they share it where they can", async () => {
    const { stdout, stderr } = await launch({
      args: ["-n", "2", "--transport", "shm", PROGRAM, "sum"],
    });
    expect(sums(stdout)).toEqual(["sum 0 1 true", "sum 1 1 true"]);
    expect(stderr).toBe("");
  });
});
