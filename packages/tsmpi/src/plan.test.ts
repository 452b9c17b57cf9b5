import { parseRun } from "./parse";
import type { RunOptions } from "./options";
import { describePlan, planJob, type PlanFacts } from "./plan";

const FACTS: PlanFacts = {
  variables: { HOME: "/home/me" },
  host: "here",
  cores: [0, 1, 4, 5],
  jobKey: "secret",
  launcherPid: 42,
  columns: null,
  gpus: [],
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
      TSMPI_LAUNCHER_PID: "42",
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
