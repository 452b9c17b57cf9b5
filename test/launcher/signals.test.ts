import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  isStopped,
  JOB_CONTROL,
  pidOf,
  withoutShell,
} from "../support/job-control";
import { launch, start, TSRUN, type Running } from "../support/launch";
import { allGone, childrenOf } from "./processes";
import { program } from "./temporary";

const family = (manner: string, ...flags: string[]) =>
  start({ args: [...flags, "-n", "2", program("family.js"), manner] });

/** Both ranks and their children. */
const pidsOf = async ({ printed }: Running) =>
  (await printed(/pid (\d+)/g, 4)).map(([, pid]) => Number(pid));

describe("interrupting a job", () => {
  test("with Ctrl-C lets ranks end in their own way", async () => {
    const job = family("polite");
    const pids = await pidsOf(job);
    job.process.kill("SIGINT");
    const { exitCode, stderr, lines } = await job.done;
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: "" });
    expect(lines).toEqual(expect.arrayContaining(["saved 0", "saved 1"]));
    await allGone(pids, 0);
  });

  test("with Ctrl-C kills after 5 s who does not end", async () => {
    const job = family("stubborn");
    const pids = await pidsOf(job);
    const startMs = performance.now();
    job.process.kill("SIGINT");
    const { exitCode } = await job.done;
    const ms = performance.now() - startMs;
    expect(exitCode).toBe(130);
    expect(ms).toBeGreaterThan(4_900);
    expect(ms).toBeLessThan(7_000);
    await allGone(pids, 0);
  });

  test("with Ctrl-C twice kills at once", async () => {
    const job = family("stubborn");
    const pids = await pidsOf(job);
    const startMs = performance.now();
    job.process.kill("SIGINT");
    setTimeout(() => job.process.kill("SIGINT"), 100);
    const { exitCode } = await job.done;
    expect(exitCode).toBe(130);
    expect(performance.now() - startMs).toBeLessThan(2_000);
    await allGone(pids, 0);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("with %s ends it with %d", async (signal, code) => {
    const job = family("plain");
    const pids = await pidsOf(job);
    job.process.kill(signal);
    expect((await job.done).exitCode).toBe(code);
    await allGone(pids, 0);
  });

  test("with Ctrl-Z stops tsrun alone, and goes on with it", async () => {
    const job = start({
      args: ["-n", "2", program("family.js"), "polite"],
      command: JOB_CONTROL,
    });
    const [pid, pids] = [await pidOf(job), await pidsOf(job)];
    for (let again = 0; again < 2; again++) {
      process.kill(pid, "SIGTSTP");
      await sleep(500);
      expect([pid, ...pids].map(isStopped)).toEqual([
        ...[true, false, false, false, false],
      ]);
      process.kill(pid, "SIGCONT");
      await sleep(100);
      expect(isStopped(pid)).toBe(false);
    }
    process.kill(pid, "SIGINT");
    const { exitCode, stderr, lines } = await job.done;
    expect({ exitCode, stderr: withoutShell(stderr) }).toEqual({
      ...{ exitCode: 130, stderr: "" },
    });
    expect(lines).toEqual(expect.arrayContaining(["saved 0", "saved 1"]));
  });

  test("passes SIGUSR2 on to the ranks", async () => {
    const job = family("plain");
    await pidsOf(job);
    job.process.kill("SIGUSR2");
    const { exitCode, stderr } = await job.done;
    expect(exitCode).toBe(140);
    expect(stderr).toContain("SIGUSR2");
  });
});

describe("killing tsrun itself", () => {
  test("ends all ranks and what they started, and the guardian too", async () => {
    const job = family("stubborn");
    const pids = await pidsOf(job);
    const children = childrenOf(job.process.pid!);
    const guardian = children.find(({ command }) =>
      command.includes("guardian"),
    );
    expect(children).toHaveLength(3);
    expect(guardian).toBeDefined();
    job.process.kill("SIGKILL");
    await allGone([...pids, guardian!.pid], 5_000);
    expect((await job.done).signal).toBe("SIGKILL");
  });

  test("before its guardian knew of a rank ends that rank before its program", () => {
    const preload = join(TSRUN, "../../dist/preload.js");
    const rank = spawnSync(
      process.execPath,
      ["--require", preload, program("print.js")],
      // The parent is another process: the launcher has died.
      { env: { ...process.env, TSMPI_LAUNCHER_PID: "1" }, encoding: "utf8" },
    );
    expect([rank.status, rank.stdout]).toEqual([1, ""]);
  });

  test("while ranks are starting leaves none", async () => {
    for (const delayMs of [60, 120, 180, 240]) {
      const job = start({
        args: ["-n", "8", program("family.js"), "stubborn"],
      });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const children = childrenOf(job.process.pid!).map(({ pid }) => pid);
      job.process.kill("SIGKILL");
      const { stdout } = await job.done;
      const pids = [...stdout.matchAll(/pid (\d+)/g)].map(([, pid]) => +pid!);
      await allGone([...children, ...pids], 5_000);
    }
  });
});

describe("ending a job", () => {
  test("ends what ranks leave behind, and does not wait for it", async () => {
    const job = family("leave");
    const pids = await pidsOf(job);
    const { exitCode, stderr } = await job.done;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    await allGone(pids, 0);
  });

  test("--timeout ends it with 110 and says so", async () => {
    const { exitCode, stderr, wallMs } = await launch({
      args: ["-n", "2", "--timeout", "1", program("family.js"), "stubborn"],
    });
    expect(exitCode).toBe(110);
    expect(stderr).toBe(
      "tsrun: the job did not end within 1 s (--timeout); ending its 2 ranks\n",
    );
    expect(wallMs).toBeLessThan(4_000);
  });
});
