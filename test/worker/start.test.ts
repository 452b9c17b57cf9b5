import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROTOCOL_VERSION } from "@tsmpi/protocol";
import { TSRUN } from "../support/launch";
import {
  type ByHandOptions,
  freePort,
  type RankEnd,
  runByHand,
} from "../support/ranks-by-hand";

const hello = (options: Partial<ByHandOptions>): Promise<readonly RankEnd[]> =>
  runByHand({ program: "act.js", args: ["hello"], size: 2, ...options });

describe("Ranks that nobody launched", () => {
  it("find each other by the environment alone", async () => {
    for (const end of await hello({ size: 3 }))
      expect(end).toEqual({
        exitCode: 0,
        signal: null,
        stdout: "value 3\n",
        stderr: "",
      });
  });

  it.each([
    ["over tcp", { TSMPI_TRANSPORT: "tcp" }],
    ["over ipc", { TSMPI_TRANSPORT: "ipc" }],
    [
      "on ports of a range",
      { TSMPI_TRANSPORT: "tcp", TSMPI_PORT_RANGE: "41000-41009" },
    ],
  ])("encrypt on one host where TSMPI_ENCRYPT says so: %s", async (_, env) => {
    for (const end of await hello({ env: { ...env, TSMPI_ENCRYPT: "1" } }))
      expect(end).toMatchObject({ exitCode: 0, stdout: "value 2\n" });
  });

  it("take the job key from the file that TSMPI_JOB_KEY_FILE names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tsmpi-key-"));
    const file = join(folder, "key");
    writeFileSync(file, "8d969eef6ecad3c29a3a629280e686cf\n");
    const env = { TSMPI_JOB_KEY: "", TSMPI_JOB_KEY_FILE: file };
    const same = "8d969eef6ecad3c29a3a629280e686cf";
    const ends = await hello({ env, envOf: { 1: { TSMPI_JOB_KEY: same } } });
    rmSync(folder, { recursive: true });
    for (const end of ends)
      expect(end).toMatchObject({ exitCode: 0, stdout: "value 2\n" });
  });

  it("are a world of one without an environment", async () => {
    const [end] = await hello({
      size: 1,
      env: { RANK: "", WORLD_SIZE: "", TSMPI_JOB_KEY: "", MASTER_PORT: "" },
    });
    expect(end).toEqual({
      exitCode: 0,
      signal: null,
      stdout: "value 1\n",
      stderr: "",
    });
  });
});

describe("MPI.COMM_WORLD raises", () => {
  it("where a limit leaves no address space, with two cures, of which one is tried", () => {
    const program = join(__dirname, "programs/act.js");
    const run = (variables: string) =>
      spawnSync(
        "bash",
        [
          "-c",
          `ulimit -v 6000000; ${variables} exec "$0" "$@"`,
          process.execPath,
          ...[TSRUN, "-n", "2", program, "hello"],
        ],
        { encoding: "utf8", timeout: 20_000 },
      );
    const { stdout } = run("");
    expect(stdout).toMatch(
      /^ERR_NO_MEM there is no address space for an arena of \d+ bytes \(.*\): Node.js reserves some 10 GB for a memory of WebAssembly; raise the limit \(ulimit -v unlimited\), or set NODE_OPTIONS=--disable-wasm-trap-handler and TSMPI_ARENA_BYTES to less$/m,
    );
    const cured = run(
      "NODE_OPTIONS=--disable-wasm-trap-handler TSMPI_ARENA_BYTES=67108864",
    );
    expect(cured).toMatchObject({
      ...{ status: 0, stderr: "", stdout: "value 2\nvalue 2\n" },
    });
  });

  it("on every rank that is there when one never joins, and names it", async () => {
    const ends = await hello({
      size: 4,
      ranks: [0, 3],
      env: { TSMPI_START_TIMEOUT_MS: "1500" },
    });
    for (const end of ends)
      expect(end).toEqual({
        exitCode: 3,
        signal: null,
        stdout:
          "ERR_RENDEZVOUS ranks 1, 2 did not join within 1.5 s (joined: 0, 3); every rank must use MPI.COMM_WORLD, or raise --start-timeout\n",
        stderr: "",
      });
  });

  it("when there is no coordinator, and says where it looked", async () => {
    const [end] = await hello({
      ranks: [1],
      env: { TSMPI_START_TIMEOUT_MS: "500", TSMPI_HEARTBEAT_TIMEOUT_MS: "100" },
    });
    expect(end!.stdout).toMatch(
      /^ERR_RENDEZVOUS no coordinator answered at MASTER_ADDR=127\.0\.0\.1 MASTER_PORT=\d+ within 0\.5 s/,
    );
    expect(end!.exitCode).toBe(3);
  });

  it("on a rank with another job key", async () => {
    const [zero, one] = await hello({
      env: { TSMPI_START_TIMEOUT_MS: "1500" },
      envOf: { 1: { TSMPI_JOB_KEY: "guess" } },
    });
    expect(one!.stdout).toMatch(
      /^ERR_RENDEZVOUS the coordinator at 127\.0\.0\.1:\d+ refused the job key of rank 1; TSMPI_JOB_KEY must be the same on all ranks/,
    );
    expect(zero!.stdout).toMatch(/^ERR_RENDEZVOUS rank 1 did not join/);
    expect(zero!.stderr).toContain('wrong job key (it calls itself "rank-1")');
    expect([zero!.exitCode, one!.exitCode]).toEqual([3, 3]);
  });

  it("when MASTER_PORT is in use, and names it", async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve) =>
      server.listen(port, "127.0.0.1", resolve),
    );
    const [end] = await hello({
      ranks: [0],
      env: { MASTER_PORT: String(port) },
    });
    server.close();
    expect(end!.stdout).toMatch(
      new RegExp(
        `^ERR_RENDEZVOUS MASTER_PORT ${port} on 127.0.0.1 is in use by another program`,
      ),
    );
    expect(end!.exitCode).toBe(3);
  });

  it.each([0, 1])(
    "when MASTER_ADDR does not resolve, on rank %i",
    async (rank) => {
      const [end] = await hello({
        ranks: [rank],
        env: { MASTER_ADDR: "no-such-host.invalid" },
      });
      expect(end!.stdout).toMatch(
        /^ERR_RENDEZVOUS MASTER_ADDR "no-such-host\.invalid" does not resolve \(E\w+\); set it to/,
      );
      expect(end!.exitCode).toBe(3);
    },
  );

  it("when MASTER_ADDR is another host's, on rank 0", async () => {
    const [end] = await hello({
      ranks: [0],
      env: { MASTER_ADDR: "192.0.2.1" },
    });
    expect(end!.stdout).toMatch(
      /^ERR_RENDEZVOUS cannot listen on MASTER_ADDR=192\.0\.2\.1, port \d+: .+; MASTER_ADDR must be an address of the host that runs rank 0/,
    );
    expect(end!.exitCode).toBe(3);
  });

  it("on a rank of another world size, and names both", async () => {
    const ends = await hello({
      env: { TSMPI_START_TIMEOUT_MS: "1500" },
      envOf: { 1: { WORLD_SIZE: "3" } },
    });
    expect(ends[1]!.stdout).toBe(
      "ERR_RENDEZVOUS rank 1 was started with WORLD_SIZE=3, the coordinator with 2\n",
    );
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([3, 3]);
  });

  it("on a rank that speaks another protocol version, and names both", async () => {
    const preload = require.resolve("./programs/other-version.js");
    const ends = await hello({
      env: { TSMPI_START_TIMEOUT_MS: "1500" },
      envOf: { 1: { NODE_OPTIONS: `--require ${preload}` } },
    });
    expect(ends[1]!.stdout).toMatch(
      new RegExp(
        `^ERR_VERSION rank 1 \\(.+, pid \\d+\\) speaks protocol version 99, the coordinator ${PROTOCOL_VERSION}; install the same tsmpi version everywhere`,
      ),
    );
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([3, 3]);
  });

  it.each([
    ["TSMPI_JOB_KEY", "TSMPI_JOB_KEY is not set"],
    ["MASTER_PORT", "MASTER_PORT is not set"],
  ])("without %s", async (variable, message) => {
    const [end] = await hello({ ranks: [1], env: { [variable]: "" } });
    expect(end!.stdout).toContain(`ERR_ENVIRONMENT ${message}`);
  });

  it.each([
    [
      "TSMPI_TRANSPORT",
      "ipx",
      'unknown transport "ipx"; did you mean "ipc"? there are: tcp, ipc, inproc',
    ],
    [
      "TSMPI_ALLREDUCE",
      "butterfly",
      'unknown allreduce algorithm "butterfly"; there are: auto,',
    ],
  ])(
    "with %s=%s, and lists the names there are",
    async (variable, value, message) => {
      const [end] = await hello({ ranks: [1], env: { [variable]: value } });
      expect(end!.stdout).toContain(`ERR_UNKNOWN_NAME ${message}`);
      expect(end!.exitCode).toBe(3);
    },
  );
});
