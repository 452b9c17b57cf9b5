import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { launch } from "../support/launch";

const program = (name: string) => join(__dirname, "programs", `${name}.mts`);

describe("distribute", () => {
  let ranks: Record<string, unknown>[];
  beforeAll(async () => {
    const { exitCode, lines, stderr } = await launch({
      args: ["-n", "3", program("optimizers")],
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    ranks = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(ranks).toHaveLength(3);
  });

  const everyRank = (name: string, expected: unknown) =>
    expect(ranks.map((rank) => rank[name])).toEqual([
      expected,
      expected,
      expected,
    ]);

  test("averages the gradients of minimize: (1 + 2 + 3) / 3 = 2", () =>
    everyRank("minimize", [8, 18]));
  test("averages the gradients of a hand-written loop, given as a map", () =>
    everyRank("map", [6, 16]));
  test("averages the gradients of a hand-written loop, given as a list", () =>
    everyRank("list", [4, 14]));
  test("counts a gradient that one rank lacks as zero, and applies none where all lack it", () =>
    everyRank("partly", [-1, 4, 14]));
  test("hands averages to an Adam that the program has changed, in every step", () =>
    everyRank("changed", [
      [2, 2],
      [2, 2],
      [2, 2],
    ]));
  test("leaves no tensor behind", () => everyRank("leaked", 0));
  test("weighs each rank by the rows of its batch: (1 + 4 + 9) / 6", () => {
    for (const { ragged } of ranks) expect(ragged).toBeCloseTo(14 / 6, 6);
  });
  test("refuses an optimizer that is distributed already", () =>
    everyRank(
      "twice",
      "this SGD optimizer is distributed already; distribute it, or the model that is compiled with it, once",
    ));
  test("refuses a fit with batches larger than the rows of a rank", () =>
    everyRank(
      "tooLarge",
      "fit: the batch size is larger than the partition of rank 0 (rank 0: 3 rows, batch size 4; rank 1: 4 rows, batch size 4; rank 2: 5 rows, batch size 4); batchSize counts the rows of one rank: choose a smaller one, or start fewer ranks",
    ));
  test("keeps the optimizer's class", () => everyRank("optimizerClass", "SGD"));

  test("shows both layouts, on every rank, when models differ", async () => {
    const { exitCode, stdout } = await launch({
      args: ["-n", "3", program("layouts")],
    });
    expect(exitCode).toBe(0);
    for (const rank of [0, 1, 2])
      expect(stdout).toContain(
        `rank ${rank} true: the models of rank 0 and rank 1 differ at variable 0:\n` +
          "rank 0: 4 variables, there: hidden/kernel float32[3, 5]; hidden/bias float32[5]\n" +
          "rank 1: 4 variables, there: hidden/kernel float32[3, 7]; hidden/bias float32[7]\n" +
          "every rank must build the same model",
      );
  });
});

describe('importing { MPI } from "tsmpi"', () => {
  const loaded = (flags: string[], code: string): string[] =>
    JSON.parse(
      execFileSync(process.execPath, [...flags, "-e", code], {
        encoding: "utf8",
        cwd: join(__dirname, "../.."),
      }),
    ) as string[];
  const list = "console.log(JSON.stringify(Object.keys(cache)))";

  test.each([
    [
      "require",
      [],
      `const { MPI } = require("tsmpi"); MPI.SUM; const { cache } = require; ${list}`,
    ],
    [
      "import",
      ["--input-type=module"],
      `import { MPI } from "tsmpi"; import module from "node:module"; MPI.SUM; const cache = module._cache; ${list}`,
    ],
  ])("loads no TensorFlow and no ZeroMQ, by %s", (_, flags, code) => {
    const modules = loaded(flags, code);
    expect(modules.some((file) => file.includes("worker/dist/mpi.js"))).toBe(
      true,
    );
    expect(
      modules.filter((file) => /@tensorflow|zeromq|cli-progress/.test(file)),
    ).toEqual([]);
  });
});
