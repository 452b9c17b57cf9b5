import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  isStopped,
  JOB_CONTROL,
  pidOf,
  withoutShell,
} from "../support/job-control";
import { alive, allGone } from "../launcher/processes";
import { start } from "../support/launch";
import { noSshHosts, openSshHosts, type SshHosts } from "../support/ssh-hosts";
import type { NetworkHost } from "../support/network-hosts";
import { unless } from "../support/unless";

const { suite } = unless(
  noSshHosts({ hosts: 2 }),
  "tests of a suspended launcher are",
);

const env = { TSMPI_JOB_KEY: "8d7c6b5a493827160f1e2d3c4b5a6978" };
const BY_SSH = ["--host", "localhost:1,b:1"];
const BY_AGENT = ["--host", "localhost:1", "--agents", "29400", "-n", "2"];
suite("tsrun that is stopped for a while", () => {
  let hosts: SshHosts;
  beforeAll(async () => {
    hosts = await openSshHosts({ hosts: 2 });
  });
  afterAll(() => hosts.close());

  async function suspended(
    where: readonly string[],
    signal: NodeJS.Signals,
    seconds: number,
  ): Promise<void> {
    const program = join(__dirname, "programs/work.js");
    const job = start({
      args: [...where, program, String(seconds + 4)],
      ...{ command: [...JOB_CONTROL, ...hosts.commandOn("a")], env },
    });
    const pid = await pidOf(job);
    await job.printed(/step 3/g, 2);
    process.kill(pid, signal);
    await sleep(500);
    const seen = (await job.printed(/step/g, 1)).length;
    expect(isStopped(pid)).toBe(true);
    await sleep(seconds * 1_000);
    // It is stopped, and its ranks are not.
    expect(await job.printed(/step/g, 1)).toHaveLength(seen);
    process.kill(pid, "SIGCONT");
    const { exitCode, stdout, stderr } = await job.done;
    expect({ exitCode, stderr: withoutShell(stderr) }).toEqual({
      ...{ exitCode: 0, stderr: "" },
    });
    const lines = stdout.split("\n");
    const [, steps] = /rank 0 did (\d+)/.exec(stdout)!;
    expect(Number(steps)).toBeGreaterThan(seconds * 5);
    for (const rank of [0, 1])
      expect(lines.filter((line) => line.startsWith(`rank ${rank} `))).toEqual([
        ...Array.from(
          { length: Number(steps) },
          (_, step) => `rank ${rank} step ${step}`,
        ),
        `rank ${rank} did ${steps}`,
      ]);
  }

  /** Stops the launcher of a job, does something to it, and waits for the end of all that runs on b. */
  async function lost(
    where: readonly string[],
    lose: (pid: number) => void,
    withinMs: number,
  ): Promise<void> {
    const job = start({
      args: [...where, join(__dirname, "../launcher/programs/family.js")],
      ...{ command: [...JOB_CONTROL, ...hosts.commandOn("a")], env },
    });
    const pid = await pidOf(job);
    const pids = (await job.printed(/pid (\d+)/g, 4)).map(([, one]) =>
      Number(one),
    );
    const there = pids.filter((one) => hosts.pidsOn("b").includes(one));
    expect(there).toHaveLength(2);
    process.kill(pid, "SIGTSTP");
    await sleep(1_500);
    expect(isStopped(pid)).toBe(true);
    lose(pid);
    try {
      await allGone(there, withinMs);
    } finally {
      if (alive(pid)) process.kill(pid, "SIGKILL");
      await job.done;
    }
    await allGone(pids, 2_000);
  }

  test("finds its job where the ranks on all hosts have got to meanwhile", async () => {
    await withAgent(async () => {
      await Promise.all([
        // Longer than an agent waits for who has said nothing.
        suspended(BY_SSH, "SIGTSTP", 33),
        suspended(BY_AGENT, "SIGTSTP", 33),
        suspended(BY_SSH, "SIGSTOP", 15),
      ]);
    });
  });

  const withAgent = async (body: () => Promise<void>): Promise<void> => {
    const agent = start({
      ...{ command: hosts.commandOn("b"), env },
      args: ["agent", "--join", "10.99.0.1:29400", "--slots", "1"],
    });
    try {
      await body();
    } finally {
      agent.process.kill("SIGTERM");
      await agent.done;
    }
  };

  test("and is killed then leaves no rank on any host", async () => {
    const kill = (pid: number) => void process.kill(pid, "SIGKILL");
    await lost(BY_SSH, kill, 5_000);
    await withAgent(() => lost(BY_AGENT, kill, 5_000));
  });

  test("and cut off then leaves no rank elsewhere when the system gives up the connection", async () => {
    hosts.on("b", "sysctl", "-qw", "net.ipv4.tcp_retries2=3");
    const [a, b] = hosts.network.hosts as [NetworkHost, NetworkHost];
    const cut = async (
      where: readonly string[],
      drop: () => () => void,
    ): Promise<void> => {
      let mend = () => {};
      try {
        await lost(where, () => (mend = drop()), 20_000);
      } finally {
        mend();
      }
    };
    await cut(BY_SSH, () => b.drop(22));
    await withAgent(() => cut(BY_AGENT, () => a.drop(29400)));
  });
});
