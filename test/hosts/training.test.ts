import { join } from "node:path";
import { type Launched, type LaunchOptions, start } from "../support/launch";
import {
  noSshHosts,
  openSshHosts,
  type SshHosts,
  type SshOptions,
} from "../support/ssh-hosts";
import { runByHand } from "../support/ranks-by-hand";
import { unless } from "../support/unless";
import { placeOn } from "./place";

const NEAR: SshOptions = { hosts: 3 };
const FAR: SshOptions = { hosts: 2, delayMs: 50, lossPercent: 1 };
const near = unless(noSshHosts(NEAR), "training on hosts is");
const far = unless(noSshHosts(FAR), "training on hosts far apart is");

const key = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
const mnist = join(__dirname, "../../examples/mnist.ts");
const args = ["--epochs", "1"];
const program = [
  ...["--engine", "wasm", "--allreduce", "ring", "--transport", "tcp"],
  ...["-x", "OMP_NUM_THREADS=1", mnist, ...args],
];

function weightsOf({
  exitCode,
  stdout,
  stderr,
}: Pick<Launched, "exitCode" | "stdout" | "stderr">): string {
  expect(stderr.replace(/^epoch 1.*\n/, "")).toBe("");
  expect(exitCode).toBe(0);
  const [, weights] = /^weights sha256 ([0-9a-f]{64})$/m.exec(stdout)!;
  return weights!;
}

const HERE = { MASTER_ADDR: "127.0.0.1" };

let hosts: SshHosts;
const tsrun = (
  name: string,
  args: readonly string[],
  options: Partial<LaunchOptions> = {},
) => start({ args, command: hosts.commandOn(name), ...options });

/** On one machine. */
let alone: string;
beforeAll(async () => {
  alone = weightsOf(await start({ args: ["-n", "4", ...program] }).done);
}, 60_000);

near.suite("training of the same file", () => {
  beforeAll(async () => {
    hosts = await openSshHosts(NEAR);
  });
  afterAll(() => hosts.close());

  test("gives the same bits on 2 hosts as on one", async () => {
    const line = ["--host", "localhost:2,b:2", ...program];
    expect(weightsOf(await tsrun("a", line).done)).toBe(alone);
  }, 60_000);

  test.each([[[4]], [[2, 2]]])(
    "gives the same bits started by hand with plain node: %j ranks",
    async (perHost) => {
      const { env, ...placed } = placeOn(hosts.network, perHost);
      const [root, ...others] = await runByHand({
        ...{ ...placed, program: mnist, args, flags: ["--import", "tsx"] },
        env: {
          ...{ ...env, ...(perHost.length === 1 ? HERE : {}) },
          ...{ TSMPI_ENGINE: "wasm", OMP_NUM_THREADS: "1" },
          ...{ TSMPI_ALLREDUCE: "ring", TSMPI_TRANSPORT: "tcp" },
          TSMPI_LOG: "warn",
        },
        limitMs: 55_000,
      });
      expect(weightsOf(root!)).toBe(alone);
      expect(others.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    },
  );

  test("gives the same bits on agents, one job after another", async () => {
    const env = { TSMPI_JOB_KEY: key };
    const agents = ["b", "c"].map((name) =>
      tsrun(name, ["agent", "--join", "10.99.0.1:29400", "--slots", "2"], {
        ...{ env, timeoutMs: 110_000 },
      }),
    );
    try {
      const line = ["--agents", "29400", "-n", "4", ...program];
      for (let job = 0; job < 2; job++)
        expect(weightsOf(await tsrun("a", line, { env }).done)).toBe(alone);
    } finally {
      for (const agent of agents) agent.process.kill("SIGTERM");
      for (const { done } of agents)
        expect((await done).signal).toBe("SIGTERM");
    }
  }, 120_000);

  test("gives the same bits where 1 % of all packets are lost", async () => {
    const lose = (how: string): void => {
      for (const name of ["a", "b"])
        hosts.on(
          ...([name, "iptables", how, "INPUT", "-i", "eth0"] as const),
          ...["-m", "statistic", "--mode", "random", "--probability", "0.01"],
          ...["-j", "DROP"],
        );
    };
    lose("-A");
    try {
      const line = ["--host", "localhost:2,b:2", ...program];
      expect(
        weightsOf(await tsrun("a", line, { timeoutMs: 110_000 }).done),
      ).toBe(alone);
    } finally {
      lose("-D");
    }
  }, 120_000);
});

far.suite("50 ms delay with 1 % loss", () => {
  beforeAll(async () => {
    hosts = await openSshHosts(FAR);
  });
  afterAll(() => hosts.close());

  test("training over ssh ends with the same weights as on one machine", async () => {
    const line = ["--host", "localhost:2,b:2", ...program];
    expect(weightsOf(await tsrun("a", line, { timeoutMs: 150_000 }).done)).toBe(
      alone,
    );
  }, 160_000);
});
