import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { launch } from "../support/launch";
import { program, temporaryFolder } from "./temporary";

const { folder, remove } = temporaryFolder({ "work/.keep": "" });
afterAll(remove);

interface Printed {
  readonly rank: number;
  readonly size: number;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly main: boolean;
}

async function print(
  line: string,
  env: Readonly<Record<string, string | undefined>> = {},
) {
  const args = line.replaceAll("PRINT", program("print.js")).split(" ");
  const result = await launch({ args, env, cwd: folder });
  const ranks = result.lines
    .map((text) => JSON.parse(text) as Printed)
    .sort((a, b) => a.rank - b.rank);
  return { ...result, ranks };
}

describe("starting ranks", () => {
  test("-n starts that many, numbered, and hands the arguments on unchanged", async () => {
    const { exitCode, stderr, ranks } = await print("-n 3 PRINT --x -n 007");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(ranks.map(({ rank, size }) => `${rank}/${size}`)).toEqual([
      "0/3",
      "1/3",
      "2/3",
    ]);
    expect(ranks[2]!.args).toEqual(["--x", "-n", "007"]);
    expect(ranks[2]!.main).toBe(true);
  });

  test("without -n starts one per core", async () => {
    const { ranks } = await print("run PRINT");
    expect(ranks).toHaveLength(availableParallelism());
  });

  test("of several programs numbers them through", async () => {
    const { ranks } = await print("-n 1 PRINT a : -n 2 PRINT b");
    expect(ranks.map(({ rank, args }) => `${rank}${args[0]}`)).toEqual([
      "0a",
      "1b",
      "2b",
    ]);
  });

  test("-x sets variables; a comma is not special; MASTER_ADDR and OMP_NUM_THREADS are the user's if set", async () => {
    const { ranks } = await print(
      "-n 2 -x A=1,2 -x OUTER PRINT A OUTER MASTER_ADDR MASTER_PORT OMP_NUM_THREADS TSMPI_JOB_KEY",
      { OUTER: "o", MASTER_ADDR: "localhost", OMP_NUM_THREADS: "9" },
    );
    const { env } = ranks[1]!;
    expect(env).toMatchObject({
      A: "1,2",
      OUTER: "o",
      MASTER_ADDR: "localhost",
      OMP_NUM_THREADS: "9",
    });
    expect(Number(env.MASTER_PORT)).toBeGreaterThan(0);
    expect(ranks[0]!.env.MASTER_PORT).toBe(env.MASTER_PORT);
    expect(env.TSMPI_JOB_KEY).toMatch(/^[0-9a-f]{64}$/);
    expect(ranks[0]!.env.TSMPI_JOB_KEY).toBe(env.TSMPI_JOB_KEY);
  });

  test.each(["ipc", "tcp", "shm"])(
    "--transport %s is no matter to one rank",
    async (transport) => {
      const hello = join(__dirname, "../../examples/hello.ts");
      const args = ["-n", "1", "--transport", transport, hello];
      const { exitCode, stderr } = await launch({ args });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    },
  );

  test("--wdir runs the program in that folder", async () => {
    const { ranks } = await print("-n 2 --wdir work PRINT");
    expect(ranks.map(({ cwd }) => cwd)).toEqual(
      Array(2).fill(join(folder, "work")),
    );
  });

  test("--bind-to core keeps a rank on a core, and warns where cores are too few", async () => {
    const { exitCode, ranks } = await print(
      "-n 1 --bind-to core PRINT OMP_NUM_THREADS",
    );
    expect(exitCode).toBe(0);
    expect(ranks[0]!.env.OMP_NUM_THREADS).toBe("1");
    const many = availableParallelism() + 1;
    const { exitCode: code, stderr } = await print(
      `-n ${many} --oversubscribe --bind-to core PRINT`,
    );
    expect(code).toBe(0);
    expect(stderr).toContain("--bind-to core is left out");
  });

  test("a fork of a rank and its threads take no part in the job", async () => {
    const { exitCode, stderr, lines } = await launch({
      args: ["-n", "1", program("fork.js")],
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(lines).toEqual(["child: none", "thread: 1"]);
  });
});

describe("reading stdin", () => {
  const input = "x".repeat(300_000);
  const read = (...flags: string[]) =>
    launch({ args: ["-n", "2", ...flags, program("stdin.js")], input });

  test("goes to rank 0, the others read an empty one", async () => {
    const { lines } = await read();
    expect(lines).toEqual(["rank 0 read 300000", "rank 1 read 0"]);
  });

  test("--stdin 1 gives it to rank 1, --stdin none to nobody", async () => {
    expect((await read("--stdin", "1")).lines).toEqual([
      "rank 0 read 0",
      "rank 1 read 300000",
    ]);
    expect((await read("--stdin", "none")).lines).toEqual([
      "rank 0 read 0",
      "rank 1 read 0",
    ]);
  });
});

describe("writing files", () => {
  test("--output-filename keeps each rank's output, and shows it too", async () => {
    const { exitCode, stdout } = await launch({
      args: [
        "-n",
        "2",
        "--output-filename",
        "logs/run",
        program("lines.js"),
        "1000",
      ],
      cwd: folder,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("rank 1 line 999\n");
    const text = readFileSync(join(folder, "logs/run/rank.1/stdout"), "utf8");
    expect(text.split("\n")).toHaveLength(1_001);
    expect(text.endsWith("rank 1 line 999\nrank 1 last")).toBe(true);
    expect(existsSync(join(folder, "logs/run/rank.0/stderr"))).toBe(true);
  });

  test("--summary has the facts of the run", async () => {
    const summary = async (...args: string[]) => {
      await launch({ args: ["--summary", "s.json", ...args], cwd: folder });
      return JSON.parse(readFileSync(join(folder, "s.json"), "utf8")) as object;
    };
    expect(await summary("-n", "2", program("report.js"))).toEqual({
      ranks: 2,
      exitCode: 0,
      exitCodes: [0, 0],
      wallSeconds: expect.any(Number) as number,
      engine: { name: "wasm", device: "cpu", version: "1.2.3" },
      samplesPerSecond: 150,
      communicationShare: 0.25,
      firstFailure: null,
    });
    expect(
      await summary("-n", "2", program("fail.js"), "1", "throw", "timer"),
    ).toMatchObject({
      exitCode: 1,
      exitCodes: [143, 1],
      firstFailure: {
        rank: 1,
        exitCode: 1,
        signal: null,
        stack: expect.stringContaining("Error: boom") as string,
      },
    });
  });
});
