import { randomInt, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { start } from "../support/launch";
import { lookAround } from "../support/leftovers";

const CYCLES = 200;
const SHARING_CYCLES = 1_000;
const hello = join(__dirname, "../../examples/hello.ts");
/** JavaScript, which starts in a third of the time. */
const sum = join(__dirname, "../worker/programs/act.js");
const sharing = join(__dirname, "programs/shared-memory.mts");
const wait = join(__dirname, "programs/wait.mts");

test(`${CYCLES} starts and stops, every tenth with a kill -9 of a rank or of tsrun, leave nothing behind`, async () => {
  const id = randomUUID();
  const mark = `TSMPI_TEST=${id}`;
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-cycles-"));
  const env = { TSMPI_TEST: id, TMPDIR: folder };
  const before = lookAround(mark, folder);
  const outcomes: Record<string, number> = {};

  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    let outcome: string;
    if (cycle % 10 !== 0) {
      const { exitCode, lines, stderr } = await start({
        args: ["-n", "4", hello],
        env,
      }).done;
      expect({ exitCode, lines: lines.length, stderr }).toEqual({
        exitCode: 0,
        lines: 4,
        stderr: "",
      });
      outcome = "hello";
    } else {
      const running = start({
        args: ["-n", "4", wait, "allreduce", "1", "sleep"],
        env,
      });
      const pids = await running.printed(/^pid (\d) (\d+)$/gm, 4);
      await setTimeout(randomInt(200));
      const victim = randomInt(5);
      if (victim === 4) running.process.kill("SIGKILL");
      else process.kill(Number(pids[victim]![2]), "SIGKILL");
      const { exitCode, signal } = await running.done;
      expect(exitCode ?? signal).toBe(victim === 4 ? "SIGKILL" : 137);
      outcome = victim === 4 ? "kill tsrun" : "kill rank";
    }
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    expect(await lookBehind(mark, folder)).toEqual(before);
  }
  console.log(outcomes);
  rmSync(folder, { recursive: true, force: true });
});

test(`${SHARING_CYCLES} starts and stops of two ranks that share memory leave /dev/shm and the temporary folder as they were, every tenth with a kill -9 in the middle of a collective`, async () => {
  const id = randomUUID();
  const mark = `TSMPI_TEST=${id}`;
  const folder = mkdtempSync(join(tmpdir(), "tsmpi-sharing-"));
  const env = { TSMPI_TEST: id, TMPDIR: folder };
  const before = lookAround(mark, folder);
  const startMs = performance.now();

  for (let cycle = 1; cycle <= SHARING_CYCLES; cycle++) {
    const args = ["-n", "2", "--transport", "shm"];
    if (cycle % 10 !== 0) {
      const { exitCode, lines, stderr } = await start({
        args: [...args, sum, "hello"],
        env,
      }).done;
      expect({ exitCode, lines, stderr }).toEqual({
        exitCode: 0,
        lines: ["value 2", "value 2"],
        stderr: "",
      });
    } else {
      const { printed, done } = start({
        args: [...args, sharing, "loop"],
        env,
      });
      const pids = await printed(/^pid (\d) (\d+)$/gm, 2);
      await setTimeout(randomInt(100));
      process.kill(Number(pids[randomInt(2)]![2]), "SIGKILL");
      expect((await done).exitCode).toBe(137);
    }
    expect(await lookBehind(mark, folder)).toEqual(before);
  }
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  console.log(`${SHARING_CYCLES} cycles in ${seconds} s`);
  rmSync(folder, { recursive: true, force: true });
});

/** What there is when processes with this mark have had some time to end. */
async function lookBehind(
  mark: string,
  folder: string,
): Promise<ReturnType<typeof lookAround>> {
  const deadlineMs = performance.now() + 5_000;
  for (;;) {
    const seen = lookAround(mark, folder);
    if (seen.processes.length === 0 || performance.now() > deadlineMs)
      return seen;
    await setTimeout(20);
  }
}
