import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { allGone } from "../launcher/processes";
import { type Launched, type LaunchOptions, start } from "../support/launch";
import { noSshHosts, openSshHosts, type SshHosts } from "../support/ssh-hosts";
import { unless } from "../support/unless";

const { suite } = unless(noSshHosts({ hosts: 3 }), "tests over ssh are");

const program = (name: string): string =>
  join(__dirname, "../launcher/programs", name);

suite("tsrun over ssh", () => {
  let hosts: SshHosts;
  /** Programs that host c does not have. */
  const here = mkdtempSync(join(tmpdir(), "tsmpi-here-"));
  beforeAll(async () => {
    hosts = await openSshHosts({
      hosts: 3,
      prepare: { c: `mount -t tmpfs none ${here}` },
    });
  });
  afterAll(() => {
    hosts.close();
    rmSync(here, { recursive: true });
  });

  /** On host a. */
  const onA = (args: readonly string[], options: Partial<LaunchOptions> = {}) =>
    start({ args, command: hosts.commandOn("a"), ...options });
  const tsrun = (
    args: readonly string[],
    options: Partial<LaunchOptions> = {},
  ): Promise<Launched> => onA(args, options).done;

  /** Only its ssh server is left there. */
  async function idle(name: string, withinMs = 5_000): Promise<void> {
    for (let ms = 0; hosts.pidsOn(name).length > 0 && ms < withinMs; ms += 50)
      await sleep(50);
    expect(hosts.pidsOn(name)).toEqual([]);
  }

  test("starts 4 ranks on 2 hosts in less than 6 s, each with its place", async () => {
    const { exitCode, stderr, lines, wallMs } = await tsrun([
      ...["--host", "localhost:2,b:2", "-x", "FRUIT=apple", "--wdir", "/tmp"],
      ...[program("print.js"), "FRUIT", "LOCAL_RANK", "LOCAL_WORLD_SIZE"],
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const ranks = lines.map((line) => JSON.parse(line) as object);
    expect(ranks).toMatchObject(
      [0, 1, 2, 3].map((rank) => ({
        ...{ rank, size: 4, cwd: "/tmp" },
        env: {
          FRUIT: "apple",
          LOCAL_RANK: String(rank % 2),
          LOCAL_WORLD_SIZE: "2",
        },
      })),
    );
    expect(wallMs).toBeLessThan(6_000);
    await idle("b");
  });

  test("sums up on hosts of which none is the launcher's, through a jump host too", async () => {
    const args = [
      ...["--host", "b:2,behind", "--tag-output"],
      ...[join(__dirname, "../worker/programs/hosts.js"), "sums"],
    ];
    const { exitCode, stderr, lines } = await tsrun(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const said = (what: string): string[] =>
      lines.filter((line) => line.includes(`:${what} `));
    expect(said("alike")).toEqual(
      [0, 1, 2].map((rank) => `[1,${rank}]<stdout>:alike ${rank} true`),
    );
    expect(
      said("host").map((line) => line.slice(line.lastIndexOf(":") + 8)),
    ).toEqual([...["0 of 2 true", "1 of 2 true", "0 of 1 false"]]);
  });

  test("from a program hands its environment to all hosts", async () => {
    const script = program("print.js");
    const job = `require(${JSON.stringify(join(__dirname, "../../packages/tsmpi"))})
      .launch({ host: "localhost,b", script: ${JSON.stringify(script)}, args: ["FRUIT"], env: { FRUIT: "a b'c" } })
      .then(({ ranks }) => process.stdout.write(ranks.map(({ stdout }) => stdout).join("")))`;
    const [command, ...rest] = hosts.commandOn("a");
    const { stdout } = spawnSync(
      command,
      [...rest, process.execPath, "-e", job],
      {
        encoding: "utf8",
      },
    );
    const lines = stdout.split("\n").filter(Boolean);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject(
      [0, 1].map((rank) => ({ rank, env: { FRUIT: "a b'c" } })),
    );
  });

  test("reads a hostfile, and deals ranks out as it is told", async () => {
    const file = join(here, "hosts.txt");
    writeFileSync(file, "# two\nlocalhost slots=1\nb slots=2 max_slots=4\n");
    const { exitCode, lines } = await tsrun([
      ...["--hostfile", file, "--map-by", "node", "-n", "3", "--wdir", "/tmp"],
      ...[program("print.js"), "LOCAL_RANK", "LOCAL_WORLD_SIZE"],
    ]);
    expect(exitCode).toBe(0);
    expect(
      lines.map((line) => (JSON.parse(line) as { env: object }).env),
    ).toEqual([
      { LOCAL_RANK: "0", LOCAL_WORLD_SIZE: "1" },
      { LOCAL_RANK: "0", LOCAL_WORLD_SIZE: "2" },
      { LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2" },
    ]);
  });

  test("hands stdin on, and output in order however much it is", async () => {
    const input = "x".repeat(3_000_000);
    const read = await tsrun(["--host", "b", program("stdin.js")], { input });
    expect(read).toMatchObject({
      exitCode: 0,
      stdout: "rank 0 read 3000000\n",
    });
    const { stdout } = await tsrun([
      ...["--host", "b:2", program("lines.js"), "50000"],
    ]);
    for (const rank of [0, 1]) {
      const own = stdout
        .split("\n")
        .filter((line) => line.startsWith(`rank ${rank} `));
      expect(own).toEqual([
        ...Array.from({ length: 50_000 }, (_, i) => `rank ${rank} line ${i}`),
        `rank ${rank} last`,
      ]);
    }
  });

  test("ends with the exit code of a rank that fails over there, and names its host", async () => {
    const { exitCode, stderr } = await tsrun([
      ...["--host", "localhost:1,b:2", program("fail.js"), "2", "throw"],
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^tsrun: rank 2 \(host b, pid \d+\) failed with exit code 1; ending the other 2 ranks\n {2}Error: boom\n/,
    );
    await idle("b");
  });

  test("passes signals on, and waits for what ranks make of them", async () => {
    const job = onA(["--host", "b:2", program("family.js"), "polite"]);
    const pids = (await job.printed(/pid (\d+)/g, 4)).map(([, pid]) =>
      Number(pid),
    );
    job.process.kill("SIGINT");
    const { exitCode, lines } = await job.done;
    expect(exitCode).toBe(130);
    expect(lines).toEqual(expect.arrayContaining(["saved 0", "saved 1"]));
    await allGone(pids, 1_000);
    await idle("b");
  });

  test("leaves nothing on any host when it is killed", async () => {
    const job = onA([
      "--host",
      "localhost:1,b:1",
      program("family.js"),
      "stubborn",
    ]);
    const pids = (await job.printed(/pid (\d+)/g, 4)).map(([, pid]) =>
      Number(pid),
    );
    job.process.kill("SIGKILL");
    await job.done;
    await allGone(pids, 2_000);
    await idle("b");
  });

  test("ends the job when a host dies, and names a rank of it", async () => {
    const job = onA(["--host", "localhost:1,b:1", program("family.js")]);
    const pids = (await job.printed(/pid (\d+)/g, 4)).map(([, pid]) =>
      Number(pid),
    );
    hosts.crash("b");
    const { exitCode, stderr } = await job.done;
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(
      /tsrun: rank 1 \(host b, pid \d+\) was lost with its host/,
    );
    await allGone(pids, 1_000);
  });

  test("ends the job when the link to a host is cut, on both sides", async () => {
    const job = onA([
      ...["--host", "localhost:1,b:1"],
      ...[join(__dirname, "../worker/programs/hosts.js"), "loop"],
    ]);
    const pids = (await job.printed(/pid \d (\d+)/g, 2)).map(([, pid]) =>
      Number(pid),
    );
    const cut = performance.now();
    hosts.on("b", "ip", "link", "set", "eth0", "down");
    try {
      const { exitCode, stdout, stderr } = await job.done;
      expect(exitCode).not.toBe(0);
      expect(stdout).toContain("raised 0 ERR_PROC_FAILED");
      expect(stderr).toContain("rank 1");
      expect(performance.now() - cut).toBeLessThan(20_000);
      await allGone(pids, 15_000);
    } finally {
      hosts.on("b", "ip", "link", "set", "eth0", "up");
    }
    // At the latest when its agent has not heard from the launcher for so long.
    await idle("b", 30_000);
  });

  test("copies the program's folder with --sync", async () => {
    mkdirSync(join(here, "src"));
    mkdirSync(join(here, "node_modules"));
    writeFileSync(join(here, "package.json"), "{}");
    symlinkSync(
      join(__dirname, "../../packages/tsmpi"),
      join(here, "node_modules/tsmpi"),
    );
    writeFileSync(
      join(here, "src/hello.js"),
      `const { MPI } = require("tsmpi"); console.log(MPI.COMM_WORLD.allreduce(1));`,
    );
    const args = ["--host", "localhost,c", "hello.js"];
    const cwd = join(here, "src");
    const without = await tsrun(args, { cwd });
    expect(without).toMatchObject({
      exitCode: 1,
      stderr: `tsrun: there is no ${cwd} on c; use a folder that all hosts share, or copy it with --sync\n`,
    });
    const { exitCode, stdout, stderr } = await tsrun(["--sync", ...args], {
      cwd,
    });
    expect({ exitCode, stdout, stderr }).toEqual({
      ...{ exitCode: 0, stdout: "2\n2\n", stderr: "" },
    });
  });

  test.each([
    [
      ["--host", "nowhere"],
      /there is no host nowhere: its name does not resolve/,
    ],
    [
      ["--host", "nobody@b"],
      /may not log in to nobody@b without a password, .*ssh-copy-id nobody@b/,
    ],
    [
      ["--host", "b", "--ssh-port", "23"],
      /nobody listens for ssh on b; is sshd running there, and --ssh-port right\?/,
    ],
    [
      ["--host", "10.99.0.77"],
      /ssh does not know|10\.99\.0\.77 does not answer/,
    ],
    [
      ["--host", "b,10.99.0.2"],
      /b and 10\.99\.0\.2 are the same host; name it once/,
    ],
    [["--host", "b:2", "-n", "3"], /3 ranks on 2 slots/],
    [
      ["--host", "b", "--ssh-identity", "/no/such/key"],
      /^tsrun: --ssh-identity \/no\/such\/key: there is no such file; name a private key/,
    ],
    [
      ["--host", "localhost,b", "--interface", "eth7"],
      /eth7; it has eth0 10\.99\.0\.1/,
    ],
  ])("with %j starts nothing, and says what to do", async (flags, message) => {
    const { exitCode, stdout, stderr } = await tsrun([
      ...[...flags, "--wdir", "/tmp", program("print.js")],
    ]);
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    await idle("b");
  });

  describe("that is interrupted while hosts are reached", () => {
    const packets = (what: string, ...which: string[]): void =>
      void hosts.on(
        ...(["b", "iptables", what, "INPUT", "-i", "eth0"] as const),
        ...[...which, "-j", "DROP"],
      );
    const toSsh = ["-p", "tcp", "--dport", "22"];

    async function interrupted(
      signal: NodeJS.Signals,
      args: readonly string[],
      options: Partial<LaunchOptions> = {},
    ): Promise<number | null> {
      const job = onA([...args, program("print.js")], options);
      await sleep(2_000);
      const startMs = performance.now();
      job.process.kill(signal);
      const { exitCode, stdout, stderr } = await job.done;
      // Else it would be the 8 s that ssh, or the search for an address, has left.
      expect(performance.now() - startMs).toBeLessThan(3_000);
      expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "" });
      expect(hosts.pidsOn("a")).toEqual([]);
      return exitCode;
    }

    test.each([
      ["SIGINT", 130, []],
      ["SIGTERM", 143, ["--sync"]],
    ] as const)("ends at once (%s, %i %j)", async (signal, code, flags) => {
      packets("-A", ...toSsh);
      try {
        const where = ["--host", "localhost:1,b,c"];
        expect(
          await interrupted(signal, [...flags, ...where], { cwd: here }),
        ).toBe(code);
      } finally {
        packets("-D", ...toSsh);
      }
    });

    test("ends at once where a firewall keeps rank 0 from the others", async () => {
      const rest = ["-p", "tcp", "--dport", "1024:65535", "--syn"];
      packets("-A", ...rest);
      try {
        const where = ["--host", "b:1,localhost:1"];
        expect(await interrupted("SIGINT", where)).toBe(130);
        await idle("b");
      } finally {
        packets("-D", ...rest);
      }
    });

    test("ends at once where agents are waited for", async () => {
      const env = { TSMPI_JOB_KEY: "9a8b7c6d5e4f30211203f4e5d6c7b8a9" };
      const where = ["--agents", "29400", "-n", "2"];
      expect(await interrupted("SIGINT", where, { env })).toBe(130);
    });

    test("from a program throws its signal's reason", async () => {
      packets("-A", ...toSsh);
      try {
        const job = `const startMs = performance.now();
          require(${JSON.stringify(join(__dirname, "../../packages/tsmpi"))})
            .launch({ host: "localhost,b", script: ${JSON.stringify(program("print.js"))}, signal: AbortSignal.timeout(1500) })
            .catch(({ name }) => console.log(name, performance.now() - startMs < 5000))`;
        const [command, ...rest] = hosts.commandOn("a");
        const { stdout } = spawnSync(
          command,
          [...rest, process.execPath, "-e", job],
          { encoding: "utf8" },
        );
        expect(stdout).toBe("TimeoutError true\n");
      } finally {
        packets("-D", ...toSsh);
      }
    });
  });

  test("that does not know a host's key says so", async () => {
    const { exitCode, stderr } = await tsrun([
      ...["--host", "localhost,fresh", program("print.js")],
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /ssh does not know the host key of fresh, or it has changed; run ssh fresh once by hand/,
    );
  });

  test("names who cannot reach whom through a firewall, after 10 s", async () => {
    const drop = (how: string): string =>
      hosts.on(
        ...([
          "a",
          "iptables",
          how,
          "INPUT",
          "-i",
          "eth0",
          "-p",
          "tcp",
        ] as const),
        ...["--syn", "-j", "DROP"],
      );
    drop("-A");
    try {
      const { exitCode, stderr, wallMs } = await tsrun([
        ...["--host", "localhost:1,b:1", program("print.js")],
      ]);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /^tsrun: rank 1 on b cannot reach rank 0 on \S+ at 10\.99\.0\.1:\d+ \(eth0: no answer\); tried eth0; open the firewall/,
      );
      expect(wallMs).toBeGreaterThan(10_000);
      expect(wallMs).toBeLessThan(15_000);
    } finally {
      drop("-D");
    }
    await idle("b");
  });
});

suite("tsrun over ssh to a host without Node", () => {
  test("says so", async () => {
    const folders = (process.env.PATH ?? "").split(":");
    const hide = [
      ...new Set([process.execPath, ...folders.map((f) => join(f, "node"))]),
    ]
      .map((node) => `[ ! -e ${node} ] || mount --bind /dev/null ${node}`)
      .join("\n");
    const hosts = await openSshHosts({ hosts: 2, prepare: { b: hide } });
    try {
      const { exitCode, stderr } = await start({
        args: ["--host", "b", "--wdir", "/tmp", program("print.js")],
        command: hosts.commandOn("a"),
      }).done;
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /^tsrun: there is no Node on b: neither .*install Node v/,
      );
    } finally {
      hosts.close();
    }
  });
});
