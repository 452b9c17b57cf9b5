import { join } from "node:path";
import { launch } from "../support/launch";

jest.setTimeout(60_000);

const folder = join(__dirname, "programs/systems");

const run = (program: string, ...flags: readonly string[]) =>
  launch({
    args: [...flags, join(folder, program)],
    timeoutMs: 55_000,
  });

describe("workers find functions, whatever the module system:", () => {
  test.each([
    ["esm.mts", "20,5,2.5,9,11\n"],
    ["module/script.ts", "20,40\n"],
    ["plain/script.ts", "20,5\n"],
    ["plain/script.js", "20,11\n"],
  ])("%s", async (program, printed) => {
    const { stdout, stderr } = await run(program, "-n", "2", "-m", "futures");
    expect({ stdout, stderr }).toEqual({ stdout: printed, stderr: "" });
  });

  test("plain/program.cts, which sees at once what it does not export", async () => {
    const { lines } = await run(
      "plain/program.cts",
      ...["-n", "2", "-m", "futures"],
    );
    expect(lines).toEqual([
      "20",
      expect.stringMatching(
        /^ArgumentError: function hidden is not exported by .*program\.cts, so workers cannot find it; move it to the top level of its module and export it/,
      ),
    ]);
  });

  test("a program whose main part is not kept from workers is told how", async () => {
    const { stdout } = await run(
      "plain/forgotten.mts",
      ...["-n", "2", "-m", "futures"],
    );
    expect(stdout).toMatch(
      /^CommunicatorError: this rank runs the tasks of pools .* put the main part behind `if \(MPI\.COMM_WORLD\.rank === 0\)`$/m,
    );
  });
});

describe("RankPool.over", () => {
  test.each([
    ["over.mts", 3],
    ["plain/over.ts", 2],
    ["over.mts", 1],
  ])(
    "gives a pool to one of the ranks that all run %s, and lets all go on (%i ranks)",
    async (program, ranks) => {
      const { exitCode, lines, stderr } = await run(
        program,
        ...["-n", String(ranks)],
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      const root = 1 % ranks;
      const all = Array.from({ length: ranks }, (_, rank) => rank);
      const workers = ranks === 1 ? all : all.filter((rank) => rank !== root);
      const told = all.flatMap((rank) => [
        `rank ${rank} got ${rank === root ? "0,1,4,9,16" : "null"}, ${ranks} ranks go on`,
        `rank ${rank}: ${rank === root ? "Error: in the body" : "null"}`,
        `rank ${rank}: RootError: root ${ranks} is not a rank from 0 to ${ranks - 1}`,
        // Behind it a plain pool, for which nobody is left.
        `rank ${rank}: ${ranks === 1 ? "null" : `CommunicatorError: all ${ranks} ranks run this program`}`,
      ]);
      const whereTasksRan = `${workers.length} workers on ${workers.join()}`;
      expect(lines).toEqual([...told, whereTasksRan].sort());
    },
  );

  test("under -m futures is a pool of those workers", async () => {
    const { exitCode, lines } = await run(
      "pool-of-either.mts",
      ...["-n", "3", "-m", "futures"],
    );
    expect(exitCode).toBe(0);
    expect(lines).toEqual(["1,4,9 of 2 workers"]);
  });
});
