import { parseRun } from "./parse";
import type { RunOptions } from "./options";
import { describePlan } from "./describe-plan";
import { hostOf, type HostFacts, planJob, type PlanFacts } from "./plan";

const HERE: HostFacts = {
  ...{ name: "here", isLocal: true, slots: null, maxSlots: null },
  cores: [0, 1, 4, 5],
  gpus: [],
};
const FACTS: PlanFacts = {
  variables: { HOME: "/home/me" },
  hosts: [HERE],
  masterAddr: null,
  jobKey: "secret",
  columns: null,
  locate: ({ script, wdir }) => ({ script: `/w/${script}`, cwd: wdir ?? "/w" }),
  command: () => ["node"],
};

const plan = (line: string, facts: Partial<PlanFacts> = {}) =>
  planJob(parseRun(line.split(" ")) as RunOptions, { ...FACTS, ...facts });
const envOf = (line: string, facts: Partial<PlanFacts> = {}) =>
  plan(line, facts).ranks.map(({ env }) => env);

describe("planning a job", () => {
  test("numbers ranks through several programs", () => {
    const { ranks } = plan("-n 1 a.ts x : -n 2 --wdir /v b.ts y");
    expect(ranks.map(({ argv, cwd }) => [cwd, ...argv].join(" "))).toEqual([
      "/w node /w/a.ts x",
      "/v node /w/b.ts y",
      "/v node /w/b.ts y",
    ]);
    expect(ranks.map(({ env }) => `${env.RANK}/${env.WORLD_SIZE}`)).toEqual([
      "0/3",
      "1/3",
      "2/3",
    ]);
  });

  test("starts one rank per core where -n is not given", () => {
    expect(plan("a.ts").ranks).toHaveLength(4);
  });

  test("writes torchrun's variables, the key of the job and the status descriptor", () => {
    expect(envOf("-n 2 a.ts")[1]).toMatchObject({
      RANK: "1",
      WORLD_SIZE: "2",
      LOCAL_RANK: "1",
      LOCAL_WORLD_SIZE: "2",
      MASTER_ADDR: "127.0.0.1",
      MASTER_PORT: "0",
      TSMPI_JOB_KEY: "secret",
      TSMPI_STATUS_FD: "3",
      HOME: "/home/me",
    });
  });

  test("divides the cores among the ranks as threads, never below one", () => {
    expect(envOf("-n 2 a.ts")[0]!.OMP_NUM_THREADS).toBe("2");
    expect(envOf("-n 3 a.ts")[0]!.TF_NUM_INTRAOP_THREADS).toBe("1");
    expect(envOf("-n 9 a.ts")[0]!.TF_NUM_INTEROP_THREADS).toBe("1");
  });

  test.each(["OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"])(
    "takes %s, which the user has set, for all engines",
    (name) => {
      expect(envOf(`-n 2 -x ${name}=5 a.ts`)[0]).toMatchObject({
        OMP_NUM_THREADS: "5",
        TF_NUM_INTRAOP_THREADS: "5",
        TF_NUM_INTEROP_THREADS: "5",
      });
    },
  );

  test("leaves alone what the user has set", () => {
    const variables = {
      OMP_NUM_THREADS: "7",
      MASTER_ADDR: "10.0.0.1",
      MASTER_PORT: "1234",
      TSMPI_JOB_KEY: "mine",
    };
    expect(envOf("-n 2 a.ts", { variables })[0]).toMatchObject(variables);
    expect(plan("-n 2 a.ts", { variables }).masterPort).toBe(1234);
    expect(envOf("-n 2 -x OMP_NUM_THREADS=5 a.ts")[0]!.OMP_NUM_THREADS).toBe(
      "5",
    );
  });

  test("hands flags on as variables, and only those that are given", () => {
    const [env] = envOf(
      "-n 1 --allreduce ring --compression int8 --start-timeout 2 a.ts",
    );
    expect(env).toMatchObject({
      TSMPI_ALLREDUCE: "ring",
      TSMPI_COMPRESSION: "int8",
      TSMPI_START_TIMEOUT_MS: "2000",
    });
    expect(env).not.toHaveProperty("TSMPI_ENGINE");
    expect(env).not.toHaveProperty("TSMPI_COLUMNS");
    expect(envOf("-n 1 a.ts", { columns: 80 })[0]!.TSMPI_COLUMNS).toBe("80");
  });

  test("warns once of a variable that -x cannot find", () => {
    expect(plan("-n 4 -x NOPE a.ts").warnings).toEqual([
      "-x NOPE: there is no such variable to hand on; -x NOPE=value sets one",
    ]);
  });

  test("binds each rank to a core of its own, with one thread, if there are enough", () => {
    const { ranks } = plan("-n 3 --bind-to core a.ts");
    expect(ranks.map(({ argv }) => argv.slice(0, 3).join(" "))).toEqual([
      "taskset -c 0",
      "taskset -c 1",
      "taskset -c 4",
    ]);
    expect(ranks[0]!.env.OMP_NUM_THREADS).toBe("1");
    const crowded = plan("-n 5 --bind-to core a.ts");
    expect(crowded.ranks[0]!.argv[0]).toBe("node");
    expect(crowded.warnings[0]).toContain("5 ranks on 4 cores");
  });

  test("gives stdin to one rank", () => {
    const readers = (line: string) =>
      plan(line).ranks.flatMap((r) => (r.readsStdin ? [r.rank] : []));
    expect(readers("-n 3 a.ts")).toEqual([0]);
    expect(readers("-n 3 --stdin 2 a.ts")).toEqual([2]);
    expect(readers("-n 3 --stdin none a.ts")).toEqual([]);
    expect(() => plan("-n 3 --stdin 3 a.ts")).toThrow("ranks 0 to 2 only");
  });

  test("refuses what ranks would refuse, before any of them starts", () => {
    expect(() => plan("-n 2 -x RANK=1 a.ts")).toThrow("tsrun sets RANK");
    expect(() => plan("-n 2 -x MASTER_PORT=http a.ts")).toThrow(
      'MASTER_PORT="http" must be a whole number',
    );
  });

  test("describes itself without giving the key away", () => {
    const text = describePlan(plan("-n 1 a.ts it's"), {
      withEnvironment: true,
    });
    expect(text).toContain("1 rank on host here (4 cores)\n");
    expect(text).toContain("rank 0: node /w/a.ts 'it'\\''s'\n");
    expect(text).toContain("  RANK=0\n");
    expect(text).toContain("TSMPI_JOB_KEY=(secret)");
    expect(text).not.toContain("=secret");
  });
});

describe("planning a job of several hosts", () => {
  const THERE: HostFacts = {
    ...{ name: "there", isLocal: false, slots: 3, maxSlots: null },
    cores: [8, 9],
    gpus: ["0", "1"],
  };
  const facts: Partial<PlanFacts> = {
    variables: {
      ...{ HOME: "/home/me", PATH: "/bin", NODE_OPTIONS: "--require /x.js" },
      ...{ TSMPI_TIMEOUT_MS: "500", TSMPI_STATUS_FD: "9", RANK: "7" },
    },
    hosts: [{ ...HERE, slots: 2 }, THERE],
    masterAddr: "10.0.0.1",
  };
  const LINE = "--host here:2,there:3 a.ts";

  test("numbers ranks within their hosts", () => {
    const { ranks } = plan(LINE, facts);
    expect(
      ranks.map(
        ({ env }) =>
          `${env.RANK} of ${env.WORLD_SIZE}: ${env.LOCAL_RANK}/${env.LOCAL_WORLD_SIZE}`,
      ),
    ).toEqual([
      "0 of 5: 0/2",
      "1 of 5: 1/2",
      "2 of 5: 0/3",
      "3 of 5: 1/3",
      "4 of 5: 2/3",
    ]);
    expect(
      plan(`--map-by node ${LINE}`, facts).ranks.map(({ host }) => host),
    ).toEqual([0, 1, 0, 1, 1]);
  });

  test("names the address of the first host, and that of the machine itself where one host has all ranks", () => {
    const addresses = (line: string) =>
      envOf(line, facts).map(({ MASTER_ADDR }) => MASTER_ADDR);
    expect(addresses(LINE)).toEqual(Array(5).fill("10.0.0.1"));
    expect(addresses(`-n 2 ${LINE}`)).toEqual(Array(2).fill("127.0.0.1"));
  });

  test("gives ranks their share of their own host's cores, and its GPUs", () => {
    const env = envOf(`-n 4 ${LINE}`, facts);
    expect(env.map(({ OMP_NUM_THREADS }) => OMP_NUM_THREADS)).toEqual([
      ...["2", "2"],
      ...["1", "1"],
    ]);
    expect(env.map((one) => one.CUDA_VISIBLE_DEVICES)).toEqual([
      ...[undefined, undefined],
      ...["0", "1"],
    ]);
    expect(plan(LINE, facts).warnings).toEqual([
      "host there: 3 ranks on 2 GPUs: some share one, and its memory",
    ]);
    expect(() => plan(`--gpus-per-rank 2 ${LINE}`, facts)).toThrow(
      "there is no GPU on here; npx tsrun doctor says why there",
    );
  });

  test("binds ranks to cores of their own host, host by host", () => {
    const { ranks, warnings } = plan(`--bind-to core ${LINE}`, facts);
    expect(ranks.map(({ argv }) => argv.slice(0, 3).join(" "))).toEqual([
      "taskset -c 0",
      "taskset -c 1",
      ...Array<string>(3).fill("node /w/a.ts"),
    ]);
    expect(warnings[0]).toContain("host there: 3 ranks on 2 cores");
    const bound = plan(`-n 4 --bind-to core ${LINE}`, facts).ranks[3]!;
    expect(bound.argv.slice(0, 3)).toEqual(["taskset", "-c", "9"]);
  });

  test("hands other hosts -x, what tsrun sets and its own variables, and leaves them theirs", () => {
    const [here, , there] = plan(`-x SEED=7 ${LINE}`, facts).ranks;
    expect(there!.env).toBe(there!.added);
    expect(there!.env).toMatchObject({
      ...{ SEED: "7", RANK: "2", TSMPI_TIMEOUT_MS: "500" },
      ...{ TSMPI_STATUS_FD: "3", TSMPI_JOB_KEY: "secret", MASTER_PORT: "0" },
    });
    for (const name of ["HOME", "PATH", "NODE_OPTIONS", "TSMPI_LAUNCHER_PID"])
      expect(there!.env).not.toHaveProperty(name);
    expect(here!.env).toMatchObject({ HOME: "/home/me", PATH: "/bin" });
    expect(here!.added).not.toHaveProperty("TSMPI_TIMEOUT_MS");
  });

  test("hands other hosts what the user has set instead of tsrun", () => {
    const set = {
      ...{ OMP_NUM_THREADS: "5", MASTER_PORT: "1234", MASTER_ADDR: "10.9.9.9" },
      TSMPI_JOB_KEY: "mine",
    };
    const env = envOf(LINE, { ...facts, variables: set });
    expect(env[4]).toMatchObject({ ...set, TF_NUM_INTRAOP_THREADS: "5" });
  });

  test("hands flags of the network on as variables", () => {
    const line = `--insecure --interface eth1 --port-range 29500-29599 ${LINE}`;
    for (const env of envOf(line, facts))
      expect(env).toMatchObject({
        TSMPI_INSECURE: "1",
        TSMPI_INTERFACE: "eth1",
        TSMPI_PORT_RANGE: "29500-29599",
      });
    for (const env of envOf(LINE, facts))
      expect(Object.keys(env).join(" ")).not.toMatch(
        /TSMPI_(INSECURE|INTERFACE|PORT_RANGE)/,
      );
  });

  test("takes the cores of a host for its slots where nothing says how many it has", () => {
    const hosts = [HERE, { ...THERE, slots: null }];
    expect(plan("--hostfile f a.ts", { ...facts, hosts }).ranks).toHaveLength(
      6,
    );
  });

  test("refuses more ranks than slots on hosts that were named, and not on this machine alone", () => {
    expect(() => plan(`-n 6 ${LINE}`, facts)).toThrow(
      "6 ranks on 5 slots (here: 2, there: 3): ask for 5 at most",
    );
    expect(plan(`-n 6 --oversubscribe ${LINE}`, facts).ranks).toHaveLength(6);
    expect(plan("-n 6 a.ts").ranks).toHaveLength(6);
    expect(() => plan("-n 6 --host here a.ts")).toThrow("--oversubscribe");
  });

  test("knows where a rank runs", () => {
    const planned = plan(`--map-by node ${LINE}`, facts);
    expect([0, 1, 2].map((rank) => hostOf(planned, rank))).toEqual([
      ...["here", "there", "here"],
    ]);
  });

  test("describes itself host by host", () => {
    const planned = plan(`-n 4 --map-by node ${LINE}`, facts);
    expect(describePlan(planned, { withEnvironment: false })).toBe(
      [
        "4 ranks on 2 hosts",
        "host here: 2 ranks (2 slots, 4 cores)",
        "rank 0: node /w/a.ts",
        "rank 2: node /w/a.ts",
        "host there: 2 ranks (3 slots, 2 cores)",
        "rank 1: node /w/a.ts",
        "rank 3: node /w/a.ts",
        "",
      ].join("\n"),
    );
  });
});
