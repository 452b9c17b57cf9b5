import {
  type Network,
  type NetworkOptions,
  noFirewall,
  noNetwork,
  openNetwork,
} from "../support/network-hosts";
import { type RankEnd, runByHand, startByHand } from "../support/ranks-by-hand";
import { MASTER_PORT, placeOn } from "./place";
import { unless } from "../support/unless";

const { suite } = unless(
  noNetwork({ hosts: 2, interfaces: 2 }),
  "tests of addresses are",
);
const { case: behindFirewall } = unless(
  noFirewall(),
  "tests of a firewall are",
);

const HELLO = { program: "act.js", args: ["hello"] };

const say = (ends: readonly RankEnd[]): string[] =>
  ends.map(({ exitCode, stdout, stderr }) => `${exitCode} ${stdout}${stderr}`);

/** Opens a network for one test. */
async function on<T>(
  options: NetworkOptions,
  body: (network: Network) => Promise<T>,
): Promise<T> {
  const network = openNetwork(options);
  try {
    return await body(network);
  } finally {
    network.close();
  }
}

suite("ranks on several hosts find each other", () => {
  it.each(["an address", "a name"])("over IPv6, by %s", (way) =>
    on({ hosts: 2, isIpv6: true }, async (network) => {
      const { env, ...placed } = placeOn(network, [2, 1]);
      const { address } = network.hosts[0]!;
      for (const host of network.hosts) host.setNames({ first: address });
      const MASTER_ADDR = way === "a name" ? "first" : address;
      const ends = await runByHand({
        ...{ ...HELLO, ...placed, env: { ...env, MASTER_ADDR } },
      });
      expect(say(ends)).toEqual(["0 value 3\n", "0 value 3\n", "0 value 3\n"]);
    }),
  );

  it("where the name of rank 0's host means 127.0.1.1 on itself, as on Debian", () =>
    on({ hosts: 2 }, async (network) => {
      const { env, ...placed } = placeOn(network, [2, 1]);
      const [first, second] = network.hosts;
      first!.setNames({ localhost: "127.0.0.1", first: "127.0.1.1" });
      second!.setNames({ localhost: "127.0.0.1", first: first!.address });
      const ends = await runByHand({
        ...{ ...HELLO, ...placed, env: { ...env, MASTER_ADDR: "first" } },
      });
      expect(say(ends)).toEqual(["0 value 3\n", "0 value 3\n", "0 value 3\n"]);
    }));

  it("where that host has several interfaces, once TSMPI_INTERFACE names one", () =>
    on({ hosts: 2, interfaces: 2 }, async (network) => {
      const { env, size, ...placed } = placeOn(network, [1, 1]);
      const [first, second] = network.hosts;
      first!.setNames({ first: "127.0.1.1" });
      second!.setNames({ first: first!.addresses[1]! });
      const job = { ...HELLO, size, ...placed };
      const named = { ...env, MASTER_ADDR: "first" };
      const [end] = await runByHand({ ...job, ranks: [0], env: named });
      expect(end!.stdout).toBe(
        `ERR_RENDEZVOUS MASTER_ADDR="first" is 127.0.1.1 on this host, which other hosts cannot reach, and this host has eth0 ${first!.addresses[0]}, eth1 ${first!.addresses[1]}; set TSMPI_INTERFACE to the one that the others reach\n`,
      );
      for (const wanted of ["eth1", "10.98.0.0/24"]) {
        const cured = { ...named, TSMPI_INTERFACE: wanted };
        const ends = await runByHand({ ...job, env: cured });
        expect(say(ends)).toEqual(["0 value 2\n", "0 value 2\n"]);
      }
    }));

  it("on the ports of TSMPI_PORT_RANGE, and raise if there are too few", () =>
    on({ hosts: 2 }, async (network) => {
      const { env, size, ...placed } = placeOn(network, [2, 2]);
      const job = { ...HELLO, size, ...placed };
      const wide = { ...env, TSMPI_PORT_RANGE: "40000-40001" };
      expect(say(await runByHand({ ...job, env: wide }))).toEqual(
        Array.from({ length: size }, () => `0 value ${size}\n`),
      );
      const ends = await runByHand({
        ...job,
        env: {
          ...{ ...env, TSMPI_PORT_RANGE: "40000-40000" },
          TSMPI_START_TIMEOUT_MS: "3000",
        },
      });
      const texts = say(ends);
      // One rank of each host has the port.
      const full = texts.filter((text) =>
        text.startsWith(
          "3 ERR_RENDEZVOUS no port of TSMPI_PORT_RANGE=40000-40000 is free on 10.99.0.",
        ),
      );
      expect(full).toHaveLength(2);
      expect(ends.map(({ exitCode }) => exitCode)).toEqual([3, 3, 3, 3]);
    }));
});

suite("ranks on several hosts raise, and say why,", () => {
  const QUICK = { TSMPI_CONNECT_TIMEOUT_MS: "1500" };

  it("where one host has another job key", () =>
    on({ hosts: 2 }, async (network) => {
      const { env, envOf, ...placed } = placeOn(network, [1, 2]);
      const TSMPI_JOB_KEY = "0c1f3e2d4b5a69788796a5b4c3d2e1f0";
      const ends = await runByHand({
        ...{ ...HELLO, ...placed },
        env: { ...env, ...QUICK, TSMPI_START_TIMEOUT_MS: "4000" },
        envOf: { ...envOf, 2: { ...envOf[2], TSMPI_JOB_KEY } },
      });
      const [zero, one, two] = ends.map(({ stdout }) => stdout);
      expect(two).toMatch(
        /^ERR_RENDEZVOUS rank 2 on \S+ cannot reach rank 0 at 10\.99\.0\.1:29500: it takes connections, and ends none of \d+ handshakes within 1\.5 s: its job key is another one, or what has this address is another host or program; tried eth0\n$/,
      );
      for (const text of [zero, one])
        expect(text).toMatch(/^ERR_RENDEZVOUS rank 2 did not join within 4 s/);
      expect(ends[0]!.stderr).toMatch(
        /refused a connection to the coordinator: it has another job key/,
      );
      expect(ends.map(({ exitCode }) => exitCode)).toEqual([3, 3, 3]);
    }));

  it("where MASTER_ADDR is a bridge of docker's, which each host has for itself", () =>
    on({ hosts: 2 }, async (network) => {
      for (const host of network.hosts)
        host.addInterface("docker0", "172.17.0.1");
      const { env, envOf, ...placed } = placeOn(network, [1, 1]);
      const MASTER_ADDR = "172.17.0.1";
      const there = { ...env, ...QUICK, MASTER_ADDR };
      // On the second host rank 0 of another job listens there.
      const other = await startByHand({
        ...{ ...HELLO, size: 2, ranks: [0] },
        commandOf: () => network.hosts[1]!.command,
        env: {
          ...{ ...there, LOCAL_WORLD_SIZE: "1" },
          TSMPI_JOB_KEY: "0c1f3e2d4b5a69788796a5b4c3d2e1f0",
        },
      });
      const [, one] = await runByHand({
        ...{ ...HELLO, ...placed, envOf },
        env: { ...there, TSMPI_START_TIMEOUT_MS: "4000" },
      });
      other.processes[0]!.kill("SIGKILL");
      await other.done;
      expect(one!.stdout).toMatch(
        /cannot reach rank 0 at 172\.17\.0\.1:29500: it takes connections, and ends none of \d+ handshakes within 1\.5 s: .* what has this address is another host or program; tried docker0\n$/,
      );
    }));

  behindFirewall("where packets to the coordinator are dropped", () =>
    on({ hosts: 2 }, async (network) => {
      const { env, ...placed } = placeOn(network, [1, 1]);
      network.hosts[0]!.drop(MASTER_PORT);
      const ends = await runByHand({
        ...{ ...HELLO, ...placed },
        env: { ...env, ...QUICK, TSMPI_START_TIMEOUT_MS: "6000" },
      });
      expect(ends[1]!.stdout).toMatch(
        /^ERR_RENDEZVOUS rank 1 on \S+ cannot reach rank 0 at 10\.99\.0\.1:29500: no answer within 1\.5 s \(ETIMEDOUT\): packets to it are dropped, by a firewall perhaps; tried eth0\n$/,
      );
      expect(ends.map(({ exitCode }) => exitCode)).toEqual([3, 3]);
    }),
  );

  behindFirewall("where packets to another rank are dropped", () =>
    on({ hosts: 3 }, async (network) => {
      const { env, ...placed } = placeOn(network, [1, 1, 1]);
      // The inbox of its only rank.
      network.hosts[2]!.drop(40_001);
      const ends = await runByHand({
        ...{ ...HELLO, ...placed },
        env: {
          ...{ ...env, ...QUICK, TSMPI_PORT_RANGE: "40000-40010" },
          TSMPI_HEARTBEAT_TIMEOUT_MS: "1500",
        },
      });
      const unreachable =
        /rank [01] on \S+ cannot reach rank 2 at 10\.99\.0\.3:40001: no answer within 1\.5 s \(ETIMEDOUT\): packets to it are dropped, by a firewall perhaps; tried eth0/;
      for (const { exitCode, stdout } of ends) {
        expect(stdout).toMatch(/^ERR_PROC_FAILED/);
        expect(stdout).toMatch(unreachable);
        // The program catches it in its call, or where it begins.
        expect([0, 3]).toContain(exitCode);
      }
    }),
  );

  it("wait for a rank 0 that starts later, for as long as they may", () =>
    on({ hosts: 2 }, async (network) => {
      const { env, size, ...placed } = placeOn(network, [1, 1]);
      const job = { ...HELLO, size, ...placed };
      const early = await startByHand({
        ...{ ...job, ranks: [1], env: { ...env, ...QUICK } },
      });
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      const late = await startByHand({ ...job, ranks: [0], env });
      const ends = [...(await late.done), ...(await early.done)];
      expect(say(ends)).toEqual(["0 value 2\n", "0 value 2\n"]);
    }));
});
