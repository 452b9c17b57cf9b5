import { type Network, noNetwork, openNetwork } from "../support/network-hosts";
import { type RankEnd, runByHand, startByHand } from "../support/ranks-by-hand";
import { placeOn } from "./place";
import { unless } from "../support/unless";

const { suite } = unless(noNetwork({ hosts: 2 }), "tests on several hosts are");

suite("ranks on several hosts", () => {
  let network: Network;
  beforeAll(() => (network = openNetwork({ hosts: 3 })));
  afterAll(() => network.close());

  const place = (perHost: readonly number[]) => placeOn(network, perHost);

  const lines = (ends: readonly RankEnd[], what: string): string[] =>
    ends
      .flatMap(({ stdout }) => stdout.split("\n"))
      .filter((line) => line.startsWith(what))
      .sort();

  it.each([[[2, 2]], [[2, 1]], [[1, 2, 1]]])(
    "sum up as on one host: %j ranks",
    async (perHost) => {
      const program = "hosts.js";
      const { size, ...placed } = place(perHost);
      const ends = await runByHand({ program, size, ...placed });
      expect(ends.map(({ stderr }) => stderr).join("")).toBe("");
      const alone = await runByHand({ program, size });
      expect(lines(ends, "sums")).toHaveLength(size);
      expect(lines(ends, "sums")).toEqual(lines(alone, "sums"));
      expect(lines(ends, "alike").map((line) => line.split(" ")[2])).toEqual(
        Array.from({ length: size }, () => "true"),
      );
      const ofHost = perHost.flatMap((ranks) =>
        Array.from(
          { length: ranks },
          (_, r) => `${r} of ${ranks} ${ranks > 1}`,
        ),
      );
      expect(lines(ends, "host")).toEqual(
        ofHost.map((text, rank) => `host ${rank} ${text}`),
      );
    },
  );

  it("send in the clear what TSMPI_INSECURE says, and rank 0 says so", async () => {
    const { env, size, ...placed } = place([1, 1]);
    const ends = await runByHand({
      ...{ program: "hosts.js", size, ...placed },
      env: { ...env, TSMPI_INSECURE: "1", TSMPI_JOB_KEY: "short" },
    });
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(ends.map(({ stderr }) => stderr)).toEqual([
      "tsmpi warn [rank 0] TSMPI_INSECURE=1: what ranks send each other is not encrypted, the job key neither; whoever sees the network can read it and take part\n",
      "",
    ]);
  });

  it.each([1, 3])(
    "raise within 2 s if rank %i of 4 is killed in an all-reduce",
    async (victim) => {
      const { env, ...placed } = place([2, 2]);
      const job = await startByHand({
        ...{ program: "hosts.js", args: ["loop"], ...placed },
        env: {
          ...env,
          TSMPI_HEARTBEAT_MS: "100",
          TSMPI_HEARTBEAT_TIMEOUT_MS: "1000",
        },
      });
      await Promise.all([0, 1, 2, 3].map((rank) => job.printed(rank, "pid")));
      const killedMs = performance.now();
      job.processes[victim]!.kill("SIGKILL");
      const others = [0, 1, 2, 3].filter((rank) => rank !== victim);
      await Promise.all(
        others.map((rank) => job.printed(rank, "ERR_PROC_FAILED")),
      );
      expect(performance.now() - killedMs).toBeLessThan(2_000);
      const ends = await job.done;
      expect(lines(ends, "raised")).toEqual(
        others.map((rank) => `raised ${rank} ERR_PROC_FAILED`),
      );
      expect(lines(ends, "wrong")).toEqual([]);
    },
  );

  it.each([
    [
      { TSMPI_TRANSPORT: "shm" },
      "there is no shared memory: rank 0: 2 of 4 ranks run on this host, and memory is shared within one; use --transport auto",
    ],
    [
      { TSMPI_TRANSPORT: "ipc" },
      "transport ipc reaches the ranks of one host, and 2 of 4 run on this one; use tcp",
    ],
    [
      { TSMPI_JOB_KEY: "" },
      "TSMPI_JOB_KEY is not set, and ranks run on several hosts; make one with `openssl rand -hex 32` and give it to all ranks, in TSMPI_JOB_KEY or a file that TSMPI_JOB_KEY_FILE names",
    ],
    [
      { TSMPI_JOB_KEY: "correct horse" },
      "the job key is too weak to encrypt with (13 characters); make one with `openssl rand -hex 32`",
    ],
    [
      { TSMPI_INTERFACE: "ib0" },
      "this host has no interface TSMPI_INTERFACE=ib0; it has eth0 10.99.0.",
    ],
    [
      { MASTER_ADDR: "127.0.0.1" },
      `this host has no way to MASTER_ADDR="127.0.0.1" (127.0.0.1 is each host's own); set it to an address of rank 0's host that the others reach`,
    ],
    [
      { LOCAL_WORLD_SIZE: "4", LOCAL_RANK: "" },
      "ranks 0 and 2 run on different hosts, and LOCAL_WORLD_SIZE says that all 4 run on one; set it to the number of ranks on each host",
    ],
    [
      { MASTER_PORT: "" },
      "LOCAL_WORLD_SIZE=2 and WORLD_SIZE=4: ranks run on several hosts; set MASTER_PORT to the same free port for all of them",
    ],
  ])("say what to do with %j", async (wrong, message) => {
    const { env, ...placed } = place([2, 2]);
    const ends = await runByHand({
      ...{ program: "hosts.js", ...placed },
      env: { ...env, ...wrong },
      envOf: Object.fromEntries(
        Object.entries(placed.envOf).map(([rank, own]) => [
          rank,
          { ...own, ...wrong },
        ]),
      ),
    });
    for (const { exitCode, stderr } of ends) {
      expect(exitCode).toBe(1);
      expect(stderr).toContain(message);
    }
  });
});
