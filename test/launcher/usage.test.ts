import { launch } from "../support/launch";
import { program, temporaryFolder } from "./temporary";

const { folder, remove } = temporaryFolder({
  "train.ts": "console.log(1);",
  "data.csv": "1,2",
  "inner/main.ts": "",
});
afterAll(remove);

const tsrun = (line: string) =>
  launch({ args: line === "" ? [] : line.split(" "), cwd: folder });

describe("asking tsrun for help", () => {
  test.each(["", "--help"])(
    "tsrun %s prints flags and three examples on stdout",
    async (line) => {
      const { exitCode, stdout, stderr } = await tsrun(line);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toContain("-n, --np");
      expect(stdout.match(/^ +tsrun -n \d.*train\.ts/gm)).toHaveLength(3);
      expect(stdout).toMatch(/tsrun run +start a program/);
    },
  );

  test("tsrun --version prints the version", async () => {
    const { exitCode, stdout } = await tsrun("--version");
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: "tsrun (tsmpi) 0.1.0\n",
    });
  });
});

describe("making a mistake", () => {
  test.each([
    ["-n 0 train.ts", '-n "0" is not a number of ranks'],
    ["--alreduce ring train.ts", "did you mean --allreduce?"],
    ["trian.ts", "there is no file trian.ts; did you mean train.ts?"],
    ["rum", "there is no subcommand rum; did you mean tsrun run?"],
    ["bensh", "there is no subcommand bensh; did you mean tsrun bench?"],
    ["inner", "inner is a folder; name the program in it, as in inner/main.ts"],
    ["data.csv", "tsrun runs .ts"],
    ["--wdir nowhere train.ts", "there is no such folder"],
    ["--wdir data.csv train.ts", "is a file; give a folder"],
    ["--summary nowhere/s.json train.ts", "cannot be written"],
    ["--output-filename data.csv train.ts", "--output-filename data.csv"],
    ["-n 2 --stdin 2 train.ts", "ranks 0 to 1 only"],
    ["-x TSMPI_TIMEOUT_MS=soon train.ts", 'TSMPI_TIMEOUT_MS="soon"'],
  ])("tsrun %s: one line, exit code 2, nothing started", async (line, text) => {
    const { exitCode, stdout, stderr } = await tsrun(line);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^tsrun: [^\n]*\n$/);
    expect(stderr).toContain(text);
  });

  test.each([
    ["--allreduce", "rimg", "ring"],
    ["--compression", "fp32", "fp16"],
    ["--transport", "tcpp", "tcp"],
    ["--engine", "wasn", "wasm"],
  ])("%s %s suggests %s", async (flag, name, near) => {
    const { exitCode, stderr } = await tsrun(`${flag} ${name} train.ts`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      `unknown ${flag} "${name}"; did you mean "${near}"?`,
    );
  });

  test.each([["--allreduce"], ["--transport"], ["--engine"]])(
    "%s takes auto",
    async (flag) => {
      const line = `-n 1 --dry-run ${flag} auto train.ts`;
      const { exitCode, stdout, stderr } = await tsrun(line);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toContain(`TSMPI_${flag.slice(2).toUpperCase()}=auto`);
    },
  );
});

describe("looking before leaping", () => {
  test("--dry-run prints each rank's command and environment and starts nothing", async () => {
    const { exitCode, stdout } = await tsrun(
      `-n 2 --dry-run -x A=1 ${program("print.js")} a : -n 1 train.ts`,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^3 ranks on host .*cores?/);
    expect(stdout).toMatch(/^rank 0: .*print\.js a$/m);
    expect(stdout).toMatch(/^rank 2: .*train\.ts$/m);
    expect(stdout).toContain("  A=1\n");
    expect(stdout).toContain("TSMPI_JOB_KEY=(secret)");
    expect(stdout).not.toContain('"rank"');
  });

  test("--display-map prints the commands and then runs them", async () => {
    const { exitCode, stdout } = await tsrun(
      `-n 2 --display-map ${program("print.js")}`,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^2 ranks on host .*\nrank 0: .*\nrank 1: .*\n\{/);
  });
});
