import { hostname } from "node:os";
import { launch } from "../support/launch";
import { temporaryFolder } from "./temporary";

const { folder, remove } = temporaryFolder({
  "train.js": "console.log(process.env.RANK, process.env.LOCAL_RANK);",
  "crash.js": "process.exit(Number(process.env.RANK) * 3);",
  "two.txt": "# this machine\nlocalhost slots=2 max_slots=3\n",
  "wrong.txt": "a slots=2\n\nb slots=zero\n",
  "empty.txt": "# nothing\n",
  "twice.txt": "a slots=2\na slots=2\n",
  "inner/hosts.txt": "",
});
afterAll(remove);

const tsrun = (line: string) => launch({ args: line.split(" "), cwd: folder });

describe("naming hosts", () => {
  test.each([
    "--host localhost:2",
    "--hostfile two.txt",
    "-H localhost,127.0.0.1",
  ])("%s starts a rank on each slot of this machine", async (flags) => {
    const { exitCode, stderr, lines } = await tsrun(`${flags} train.js`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(lines).toEqual(["0 0", "1 1"]);
  });

  test("--dry-run shows the host and its ranks", async () => {
    const { exitCode, stdout } = await tsrun(
      "--dry-run --host localhost:2 train.js",
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`2 ranks on host ${hostname()} (`);
    expect(stdout).toMatch(/^rank 1: .*train\.js$/m);
    expect(stdout).toMatch(/^ {2}LOCAL_WORLD_SIZE=2$/m);
  });

  test("a failure names the host of its rank", async () => {
    const { exitCode, stderr } = await tsrun("--host localhost:2 crash.js");
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`tsrun: rank 1 (host ${hostname()}, pid `);
  });

  test.each([
    ["-n 3 --host localhost:2 train.js", "3 ranks on 2 slots"],
    [
      "-n 4 --oversubscribe --hostfile two.txt train.js",
      "max_slots of the hostfile allows 3",
    ],
    ["--map-by core train.js", "there are: slot, node, ppr:N:node"],
    ["--map-by ppr:two:node train.js", "as in ppr:2:node"],
    [
      "--hostfile none.txt train.js",
      "--hostfile none.txt: there is no such file; write one",
    ],
    ["--hostfile inner train.js", "--hostfile inner: it is a folder"],
    [
      "--hostfile empty.txt train.js",
      "empty.txt lists no host; write one a line",
    ],
    [
      "--hostfile wrong.txt train.js",
      "wrong.txt:3: slots=zero is not a whole number",
    ],
    [
      "--hostfile twice.txt train.js",
      "twice.txt:2: a is listed already, in line 1",
    ],
    [
      "--hostfile two.txt --host c train.js",
      "--host c: two.txt does not list it",
    ],
    ["--host a:x train.js", '"x" is no number of slots'],
    ["--agents 99999 train.js", "as in --agents 29400"],
    ["--port-range 9-3 train.js", "write --port-range 3-9"],
  ])("tsrun %s: one line, exit code 2, nothing started", async (line, text) => {
    const { exitCode, stdout, stderr } = await tsrun(line);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^tsrun: [^\n]*\n$/);
    expect(stderr).toContain(text);
  });

  test("three ranks fit two slots that may be oversubscribed up to three", async () => {
    const { exitCode, lines } = await tsrun(
      "-n 3 --oversubscribe --hostfile two.txt train.js",
    );
    expect(exitCode).toBe(0);
    expect(lines).toEqual(["0 0", "1 1", "2 2"]);
  });
});
