import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  isStopped,
  JOB_CONTROL,
  pidOf,
  withoutShell,
} from "../support/job-control";
import { start } from "../support/launch";
import { noSshHosts, openSshHosts, type SshHosts } from "../support/ssh-hosts";
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

  test("finds its job where the ranks on all hosts have got to meanwhile", async () => {
    const agent = start({
      ...{ command: hosts.commandOn("b"), env },
      args: ["agent", "--join", "10.99.0.1:29400", "--slots", "1"],
    });
    try {
      await Promise.all([
        // Longer than an agent waits for who has said nothing.
        suspended(BY_SSH, "SIGTSTP", 33),
        suspended(BY_AGENT, "SIGTSTP", 33),
        suspended(BY_SSH, "SIGSTOP", 15),
      ]);
    } finally {
      agent.process.kill("SIGTERM");
      await agent.done;
    }
  });
});
