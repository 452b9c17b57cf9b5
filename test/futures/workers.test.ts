import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../support/launch";

// Five processes that start, on a machine that does other things too.
const PATIENCE_MS = 55_000;
jest.setTimeout(60_000);

const program = join(__dirname, "programs/workers.mts");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-futures-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run<T>(
  name: string,
  ranks: number,
): Promise<{ value: T; stderr: string }> {
  const { exitCode, stdout, stderr } = await launch({
    args: [
      ...["-n", String(ranks), "-m", "futures", program],
      ...[name, join(folder, name)],
    ],
    timeoutMs: PATIENCE_MS,
  });
  expect(stderr === "" || stderr.startsWith("tsrun: rank ")).toBe(true);
  expect(exitCode).toBe(0);
  return { value: JSON.parse(stdout) as T, stderr };
}

interface Failed {
  readonly name: string;
  readonly message: string;
  readonly failedRanks?: readonly number[];
  readonly cause?: string;
}
type Counts = Readonly<Record<string, number>>;

describe("workers that are free get the tasks:", () => {
  test("a slow one fewer, as many as the pool may have, and short tasks go to all", async () => {
    const { value } = await run<{
      slow: Counts;
      two: Counts;
      short: Counts;
      workers: number[];
    }>("balance", 5);
    const { slow, two, short, workers } = value;
    expect(Object.keys(slow)).toEqual(["1", "2", "3", "4"]);
    for (const fast of ["2", "3", "4"])
      expect(slow["1"]!).toBeLessThan(slow[fast]! / 2);
    expect(Object.keys(two)).toEqual(["1", "2"]);
    expect(Object.keys(short)).toEqual(["1", "2", "3", "4"]);
    expect(workers).toEqual([4, 2]);
  });
});

describe("a worker that is lost", () => {
  test("in a task, by SIGKILL, has its tasks finished elsewhere, each result in its place", async () => {
    const { value, stderr } = await run<[number[], number, number]>(
      "killed",
      4,
    );
    expect(existsSync(join(folder, "killed"))).toBe(true);
    expect(value).toEqual([Array.from({ length: 40 }, (_, n) => n), 2, 25]);
    expect(stderr).toMatch(
      /^tsrun: rank \d \(host \S+, pid \d+\) was ended by SIGKILL \(exit code 137\), by hand or for want of memory; the other 3 ranks go on\n$/,
    );
  });

  test("by a kill from outside costs no result", async () => {
    const { value } = await run("outside", 4);
    expect(value).toEqual([Array.from({ length: 6 }, () => 300), 2]);
  });

  test("while it has nothing to do is noticed when it gets something", async () => {
    const { value } = await run("idle", 3);
    expect(value).toEqual([[0, 1, 4, 9], 1]);
  });

  test("again, by the same task, makes it fail, naming the ranks; others are not lost with it", async () => {
    const { value } = await run<{
      poison: Failed;
      others: number[];
      workers: number;
    }>("poison", 5);
    const { poison, others, workers } = value;
    expect(poison.name).toBe("ProcessFailedError");
    expect(poison.message).toMatch(
      /^a task of die was lost with its worker 2 times \(rank \d, then rank \d\), and is not run again: rank \d \(\S+, pid \d+\) was ended by SIGKILL/,
    );
    expect(poison.failedRanks).toHaveLength(2);
    expect(poison.cause).toContain("SIGKILL");
    expect(others).toEqual(Array.from({ length: 10 }, (_, n) => n * n));
    expect(workers).toBe(2);
  });

  test("is worth as many attempts as the pool says", async () => {
    const { value } = await run<Failed[]>("retries", 5);
    expect(value.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        // A worker of the other task may be lost before it, and is told of then.
        /^a task of die was lost with its worker \(rank \d\), and is not run again: rank \d \(\S+, pid \d+\) failed: it exited with code 3(; before that: rank \d \(\S+, pid \d+\) was ended by SIGKILL \(exit code 137\))?$/,
      ),
      expect.stringMatching(
        /^a task of count was lost with its worker 3 times \(rank \d, then rank \d, then rank \d\)/,
      ),
    ]);
    expect(readFileSync(join(folder, "retries"), "utf8")).toBe("xxx");
  });

  test("by its own exit, or an error behind the task's back, is lost all the same", async () => {
    const { value, stderr } = await run<Failed[]>("left", 5);
    expect(value.map(({ name }) => name)).toEqual([
      "ProcessFailedError",
      "ProcessFailedError",
    ]);
    expect(value[0]!.message).toMatch(/has ended its program/);
    // How the worker before it ended is told, too, where that was known only later.
    expect(value[1]!.message).toMatch(
      /failed: behind its back(; before that: .*)?$/,
    );
    expect(stderr.match(/^ {2}Error: behind its back$/gm)).toHaveLength(2);
  });

  test("with all others breaks every pool, and the error says so", async () => {
    const { value } = await run<{
      outcomes: Failed[];
      errors: Failed[];
      late: Failed;
      workers: number[];
    }>("all", 4);
    const { outcomes, errors, late, workers } = value;
    const isBroken = expect.objectContaining({
      name: "BrokenPoolError",
      message: expect.stringMatching(
        /^all 3 workers of the pool are lost: (rank \d \(\S+, pid \d+\) was ended by SIGKILL \(exit code 137\)(; )?){3}$/,
      ) as string,
    }) as Failed;
    // One task may have been lost twice before.
    const twice = outcomes.filter((one) => one.name === "ProcessFailedError");
    expect(twice.length).toBeLessThanOrEqual(1);
    expect(outcomes.filter((one) => !twice.includes(one))).toEqual(
      Array.from({ length: 5 - twice.length }, () => isBroken),
    );
    expect(errors).toEqual([isBroken, isBroken]);
    expect(late).toEqual(isBroken);
    expect(workers).toEqual([0, 0]);
  });

  test("in the initializer is replaced, and the pool works", async () => {
    const { value } = await run<number[]>("initializing", 4);
    expect(value[0]).toBe(2);
    expect(value[1]).toBe(2);
    expect([2, 3]).toContain(value[2]);
  });
});
