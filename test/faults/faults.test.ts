import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "../support/launch";
import { type Leftovers, lookAround } from "../support/leftovers";

const program = join(__dirname, "programs/wait.mts");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-faults-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts three ranks that wait in some `way` for rank 1, which does `end`. */
function begin(
  way: string,
  end: string,
  one = 1,
  env: Readonly<Record<string, string>> = {},
) {
  const mark = `TSMPI_TEST=${randomUUID()}`;
  const running = start({
    args: ["-n", "3", program, way, String(one), end],
    env: { TSMPI_TEST: mark.split("=")[1], TMPDIR: folder, ...env },
  });
  const pids = running
    .printed(/^pid (\d) (\d+)$/gm, 3)
    .then(
      (lines) => new Map(lines.map(([, r, pid]) => [Number(r), Number(pid)])),
    );
  return { running, pids, mark };
}

const nothing: Pick<Leftovers, "processes"> = { processes: [] };

describe("a rank that fails", () => {
  test.each([
    ["throws", "throw", "allreduce"],
    ["throws", "throw", "barrier"],
    ["rejects", "reject", "recv"],
    ["throws", "throw", "await"],
    ["rejects", "reject", "loop"],
    ["throws", "throw", "timer"],
  ])(
    "since it %s (%s) ends the others within 1 s, who wait in %s, and is the one reported",
    async (_, end, way) => {
      const { running, pids, mark } = begin(way, end);
      await pids;
      const saidMs = performance.now();
      const { exitCode, stderr } = await running.done;
      // 300 ms of it the rank itself waits before it fails.
      expect(performance.now() - saidMs).toBeLessThan(300 + 1_000 + 700);
      expect(exitCode).toBe(1);
      expect(stderr.match(/Error: one fails/g)).toHaveLength(1);
      expect(stderr).toMatch(/^tsrun: rank 1 \(host \S+, pid \d+\) failed/m);
      expect(stderr).not.toMatch(/Napi|SIGABRT/);
      expect(lookAround(mark, folder)).toMatchObject(nothing);
    },
  );
});

describe("a rank that is gone", () => {
  test.each([["allreduce"], ["barrier"], ["recv"]])(
    "with exit code 0 makes those that wait in %s raise, naming it",
    async (way) => {
      const { running, mark } = begin(way, "leave");
      const { exitCode, stderr } = await running.done;
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(
        /rank 1 \(\S+, pid \d+\) has ended its program while rank \d waits for it/,
      );
      expect(lookAround(mark, folder)).toMatchObject(nothing);
    },
  );

  test("with exit code 7 gives 7", async () => {
    const { running } = begin("barrier", "exit-7");
    expect((await running.done).exitCode).toBe(7);
  });

  test.each([0, 1, 2])(
    "by SIGKILL (rank %i) ends the job with 137 and leaves nothing",
    async (one) => {
      const before = lookAround("no process has this", folder);
      const { running, pids, mark } = begin("allreduce", "sleep", one);
      process.kill((await pids).get(one)!, "SIGKILL");
      const { exitCode, stderr } = await running.done;
      expect(exitCode).toBe(137);
      expect(stderr).toMatch(new RegExp(`tsrun: rank ${one} .*SIGKILL`));
      expect(lookAround(mark, folder)).toEqual(before);
    },
  );

  test.each([0, 1])(
    "by SIGSTOP (rank %i) makes the others raise within 10 s, naming it",
    async (one) => {
      const { running, pids, mark } = begin("allreduce", "sleep", one);
      process.kill((await pids).get(one)!, "SIGSTOP");
      const stoppedMs = performance.now();
      const { exitCode, stderr } = await running.done;
      expect(performance.now() - stoppedMs).toBeLessThan(10_000);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(new RegExp(`no heartbeat from rank ${one} `));
      expect(lookAround(mark, folder)).toMatchObject(nothing);
    },
  );

  test("in a computation longer than the heartbeat's limit is not gone: the heartbeat runs on its own thread", async () => {
    const { running } = begin("allreduce", "compute-4", 1, {
      TSMPI_HEARTBEAT_MS: "300",
      TSMPI_HEARTBEAT_TIMEOUT_MS: "1500",
    });
    const { exitCode, lines } = await running.done;
    expect(exitCode).toBe(0);
    expect(lines.filter((line) => line.startsWith("done"))).toHaveLength(3);
  });
});

describe("tsrun itself", () => {
  test.each(["allreduce", "loop"])(
    "ended by SIGKILL takes ranks in %s with it within 5 s",
    async (way) => {
      const { running, pids, mark } = begin(way, "sleep");
      await pids;
      running.process.kill("SIGKILL");
      await running.done;
      const deadlineMs = performance.now() + 5_000;
      while (
        lookAround(mark, folder).processes.length > 0 &&
        performance.now() < deadlineMs
      )
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(lookAround(mark, folder)).toMatchObject(nothing);
    },
  );
});
