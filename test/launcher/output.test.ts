import { launch, start } from "../support/launch";
import { childrenOf } from "./processes";
import { program, temporaryFolder } from "./temporary";

const { folder, remove } = temporaryFolder({
  "long.js": `
    const { RANK } = process.env;
    process.stdout.write(RANK.repeat(3_000_000) + "\\n");
    process.stderr.write("e" + RANK + "\\n");`,
  "partial.js": `
    process.stdout.write("rank " + process.env.RANK + " begins… ");
    setTimeout(() => console.log("ends"), 300);`,
});
afterAll(remove);

describe("printing from several ranks", () => {
  test("keeps every line whole and in the order of its rank, to the last, though the rank exits at once", async () => {
    const { exitCode, lines, stdout } = await launch({
      args: ["-n", "4", program("lines.js"), "25000"],
    });
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(4 * 25_001);
    const next = [0, 0, 0, 0];
    for (const [, rank, line] of stdout.matchAll(/^rank (\d) line (\d+)$/gm))
      expect(Number(line)).toBe(next[Number(rank)]!++);
    expect(next).toEqual([25_000, 25_000, 25_000, 25_000]);
    expect(lines.filter((line) => line.endsWith("last"))).toHaveLength(4);
  });

  test("waits for a slow reader and loses nothing", async () => {
    const { process: child, done } = start({
      args: ["-n", "2", program("lines.js"), "80000"],
    });
    child.stdout.pause();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    // Nothing piles up in tsrun: the ranks are still there, waiting to print.
    expect(childrenOf(child.pid!)).toHaveLength(3);
    child.stdout.resume();
    const { exitCode, lines } = await done;
    expect(exitCode).toBe(0);
    expect(lines).toHaveLength(2 * 80_001);
  });

  test("keeps lines of megabytes whole, and stdout and stderr apart", async () => {
    const { stdout, stderr } = await launch({
      args: ["-n", "2", "long.js"],
      cwd: folder,
    });
    expect(
      stdout
        .split("\n")
        .map((line) => line.length)
        .sort(),
    ).toEqual([0, 3_000_000, 3_000_000]);
    expect(stderr.split("\n").sort()).toEqual(["", "e0", "e1"]);
  });

  test("--tag-output begins each line with its rank and stream", async () => {
    const { lines, stderr } = await launch({
      args: ["-n", "2", "--tag-output", "long.js"],
      cwd: folder,
    });
    expect(lines.map((line) => line.slice(0, 15))).toEqual([
      "[1,0]<stdout>:0",
      "[1,1]<stdout>:1",
    ]);
    expect(stderr).toContain("[1,1]<stderr>:e1\n");
  });

  test("--timestamp-output begins each line with the time", async () => {
    const { lines } = await launch({
      args: ["-n", "1", "--timestamp-output", program("lines.js"), "1"],
    });
    expect(lines[0]).toMatch(
      /^\w{3} \w{3} \d\d \d\d:\d\d:\d\d \d{4}<stdout>:rank 0 l/,
    );
  });

  test("holds a line until its end comes", async () => {
    const { lines } = await launch({
      args: ["-n", "2", "partial.js"],
      cwd: folder,
    });
    expect(lines).toEqual(["rank 0 begins… ends", "rank 1 begins… ends"]);
  });

  test("to a reader that leaves ends the job quietly", async () => {
    const { process: child, done } = start({
      args: ["-n", "2", program("lines.js"), "1000000"],
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const { exitCode, stderr, wallMs } = await done;
    expect({ exitCode, stderr }).toEqual({ exitCode: 141, stderr: "" });
    expect(wallMs).toBeLessThan(5_000);
  });
});
