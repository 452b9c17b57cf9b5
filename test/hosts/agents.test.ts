import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { allGone } from "../launcher/processes";
import { type LaunchOptions, type Running, start } from "../support/launch";
import { noNetwork, openNetwork } from "../support/network-hosts";
import { noSshHosts, openSshHosts, type SshHosts } from "../support/ssh-hosts";
import { unless } from "../support/unless";

const { suite } = unless(noSshHosts({ hosts: 3 }), "tests of agents are");

const program = (name: string): string =>
  join(__dirname, "../launcher/programs", name);
const KEY = "5f8a1c0e9d7b6a4332211ffeeddccbba";
const AT = "10.99.0.1:29400";

suite("tsrun with agents", () => {
  let hosts: SshHosts;
  const running: Running[] = [];
  beforeAll(async () => {
    hosts = await openSshHosts({ hosts: 3 });
  });
  afterAll(() => hosts.close());
  afterEach(async () => {
    for (const { process } of running) process.kill("SIGKILL");
    await Promise.all(running.splice(0).map(({ done }) => done));
  });

  const on = (
    name: string,
    args: readonly string[],
    options: Partial<LaunchOptions> = {},
  ): Running => {
    const env = { TSMPI_JOB_KEY: KEY, ...options.env };
    const command = hosts.commandOn(name);
    const job = start({ args, command, ...options, env });
    running.push(job);
    return job;
  };
  /** @returns once it has said that it waits */
  async function agent(name: string, ...flags: string[]): Promise<Running> {
    const job = on(name, ["agent", "--join", AT, ...flags]);
    await said(job, /waiting for the launcher/);
    return job;
  }
  async function said(job: Running, pattern: RegExp): Promise<void> {
    for (let tries = 0; !pattern.test(job.said()) && tries < 200; tries++)
      await sleep(50);
    expect(job.said()).toMatch(pattern);
  }
  const tsrun = (
    args: readonly string[],
    options: Partial<LaunchOptions> = {},
  ) => on("a", ["--agents", "29400", ...args], options).done;

  test("takes what has joined where nobody says how many, beside its own host", async () => {
    await agent("b", "--slots", "2");
    await agent("c", "--slots", "1");
    const { exitCode, stderr, stdout } = await tsrun([
      ...["--host", "localhost:1", "--display-map"],
      ...[join(__dirname, "../../examples/pi.ts")],
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^4 ranks on 3 hosts$/m);
    expect(stdout).toMatch(/pi is about 3.14159/);
  });

  test("waits for agents that start later, whose jobs' ranks end with a lost launcher", async () => {
    const job = on("a", ["--agents", "29400", "-n", "2", program("family.js")]);
    const served = await agent("b", "--slots", "2");
    const pids = (await job.printed(/pid (\d+)/g, 4)).map(([, pid]) =>
      Number(pid),
    );
    job.process.kill("SIGKILL");
    await allGone(pids, 2_000);
    await said(served, /is gone; waiting for the next job/);
    const next = await tsrun(["-n", "2", program("print.js")]);
    expect(next.exitCode).toBe(0);
    expect(next.lines).toHaveLength(2);
  });

  test("finds the same agent again, however long after the last job", async () => {
    const env = { TSMPI_CONNECT_TIMEOUT_MS: "1000" };
    const served = on("b", ["agent", "--join", AT, "--slots", "1"], { env });
    await said(served, /waiting for the launcher/);
    for (let job = 0; job < 2; job++) {
      const seen = ["TSMPI_JOB_KEY_FILE", "TSMPI_JOB_KEY"];
      const { exitCode, lines } = await tsrun([
        ...["-n", "1", program("print.js"), ...seen],
      ]);
      expect(exitCode).toBe(0);
      const { env: found } = JSON.parse(lines[0]!) as {
        env: { TSMPI_JOB_KEY: string };
      };
      // The job has a key of its own.
      expect(found.TSMPI_JOB_KEY).toMatch(/^[0-9a-f]{64}$/);
      await sleep(2_500);
    }
    expect(served.process.exitCode).toBeNull();
  });

  test("ends when an agent is killed, naming a rank of it, and nothing is left", async () => {
    const killed = await agent("b", "--slots", "1");
    await agent("c", "--slots", "1");
    const job = on("a", ["--agents", "29400", "-n", "2", program("family.js")]);
    const pids = (await job.printed(/pid (\d+)/g, 4)).map(([, pid]) =>
      Number(pid),
    );
    const kill = performance.now();
    killed.process.kill("SIGKILL");
    const { exitCode, stderr } = await job.done;
    expect(performance.now() - kill).toBeLessThan(4_000);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(
      /rank [01] \(host \S+, pid \d+\) was lost with its host/,
    );
    await allGone(pids, 1_000);
  });

  test("ends when an agent is stopped in order, at once", async () => {
    const stopped = await agent("b", "--slots", "1");
    const job = on("a", ["--agents", "29400", "-n", "1", program("family.js")]);
    const pids = (await job.printed(/pid (\d+)/g, 2)).map(([, pid]) =>
      Number(pid),
    );
    const stop = performance.now();
    stopped.process.kill("SIGTERM");
    expect((await job.done).exitCode).not.toBe(0);
    expect(performance.now() - stop).toBeLessThan(2_000);
    expect((await stopped.done).signal).toBe("SIGTERM");
    await allGone(pids, 1_000);
  });

  test("says how many slots there are when too few join", async () => {
    await agent("b", "--slots", "2");
    const { exitCode, stderr } = await tsrun([
      ...["-n", "5", "--start-timeout", "2", program("print.js")],
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^tsrun: within 2 s there is no place for all ranks: 5 ranks on 2 slots \(\S+: 2\): .*; run "tsrun agent --join HOST:29400" on each host, with the same TSMPI_JOB_KEY, or raise --start-timeout\n$/,
    );
  });

  test("asks the map, not the number of slots: a rank on each of two agents", async () => {
    await agent("b", "--slots", "2");
    const job = on("a", [
      ...["--agents", "29400", "-n", "2", "--map-by", "ppr:1:node"],
      ...["--display-map", program("print.js")],
    ]);
    // One has slots enough for both.
    await sleep(1_500);
    expect(job.process.exitCode).toBeNull();
    await agent("c", "--slots", "2");
    const { exitCode, stdout } = await job.done;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^2 ranks on 2 hosts$/m);
  });

  test("waits for nobody where its own host has room for all ranks", async () => {
    const { exitCode, lines, wallMs } = await tsrun([
      ...["--host", "localhost:4", "-n", "2", program("print.js")],
    ]);
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(2);
    // And not for the start timeout of 60 s.
    expect(wallMs).toBeLessThan(20_000);
  });

  test("refuses an agent with the key of an earlier job, which ends and says why", async () => {
    const stale = on("b", ["agent", "--join", AT], {
      env: {
        TSMPI_JOB_KEY: KEY.replace("5f", "6f"),
        TSMPI_CONNECT_TIMEOUT_MS: "2000",
      },
    });
    const launcher = on("a", [
      "--agents",
      "29400",
      "-n",
      "1",
      program("print.js"),
    ]);
    const { exitCode, stderr } = await stale.done;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /tsrun: cannot join the launcher at 10\.99\.0\.1:29400: .*job key is another one/,
    );
    await agent("c", "--slots", "1");
    expect((await launcher.done).exitCode).toBe(0);
  });

  test("whose key is another one from a second job on ends it, and says why", async () => {
    const env = { TSMPI_CONNECT_TIMEOUT_MS: "2000" };
    const served = on("b", ["agent", "--join", AT, "--slots", "1"], { env });
    expect((await tsrun(["-n", "1", program("print.js")])).exitCode).toBe(0);
    const other = on("a", ["--agents", "29400", program("print.js")], {
      env: { TSMPI_JOB_KEY: KEY.replace("5f", "6f") },
    });
    const { exitCode, stderr } = await served.done;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /tsrun: cannot join the launcher at 10\.99\.0\.1:29400: .*job key is another one/,
    );
    other.process.kill("SIGTERM");
    expect((await other.done).exitCode).toBe(143);
  });

  test.each([
    [
      { TSMPI_JOB_KEY: "" },
      [],
      /TSMPI_JOB_KEY is not set, and ranks run on several hosts; make one with `openssl rand -hex 32`/,
    ],
    [{ TSMPI_JOB_KEY: "short" }, [], /the job key is too weak to encrypt with/],
    [{}, ["--slots", "none"], /--slots none is no number of ranks/],
    [{}, ["--join", "nowhere"], /--join nowhere is no HOST:PORT/],
    [
      {},
      ["--join", "nowhere.invalid:1"],
      /host nowhere\.invalid does not resolve/,
    ],
  ])("an agent with %j %j says what to do", async (env, flags, message) => {
    const job = on("b", ["agent", "--join", AT, ...flags], { env });
    const { exitCode, stderr } = await job.done;
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(message);
  });

  test("says when its port is in use", async () => {
    const first = on("a", [
      "--agents",
      "29400",
      "-n",
      "1",
      program("print.js"),
    ]);
    await sleep(500);
    const { exitCode, stderr } = await tsrun(["-n", "1", program("print.js")]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /cannot listen for agents at any address, port 29400: .*; give another port to --agents/,
    );
    first.process.kill("SIGTERM");
    await first.done;
  });
});

const IPV6 = { hosts: 2, isIpv6: true };
const overIpv6 = unless(noNetwork(IPV6), "tests of agents over IPv6 are");

overIpv6.suite("tsrun with agents over IPv6", () => {
  test.each(["29400", "[fd99::1]:29400"])("listens at %s", async (where) => {
    const network = openNetwork(IPV6);
    const [first, second] = network.hosts;
    const env = { TSMPI_JOB_KEY: KEY };
    const served = start({
      args: ["agent", "--join", "[fd99::1]:29400", "--slots", "1"],
      ...{ command: second!.command, env },
    });
    try {
      const { exitCode, stderr, lines } = await start({
        args: [
          ...["--agents", where, "--host", "localhost:1", "-n", "2"],
          ...[join(__dirname, "../worker/programs/hosts.js"), "sums"],
        ],
        ...{ command: first!.command, env },
      }).done;
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(lines.filter((line) => line.startsWith("alike"))).toEqual([
        ...["alike 0 true", "alike 1 true"],
      ]);
    } finally {
      served.process.kill("SIGTERM");
      await served.done;
      network.close();
    }
  });
});
