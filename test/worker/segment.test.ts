import { join } from "node:path";
import { launch } from "../support/launch";

const PROGRAM = join(__dirname, "programs/segment.mts");

async function runFor(what: string): Promise<unknown> {
  const { stdout, stderr } = await launch({
    args: ["-n", "3", "--transport", "shm", PROGRAM, what],
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

describe("Ranks that share memory", () => {
  it("give a communicator's memory up only when their communication thread has let go of it", async () => {
    expect(await runFor("free")).toEqual([false, true]);
  });

  it("keep the number and the place of a communicator whose making failed here: it may be there elsewhere", async () => {
    // Serials are multiples of 256, places are counted from 1.
    expect(await runFor("failed-split")).toEqual(["ERR_TIMEOUT", 2 * 257]);
  });

  it("say of each other what they do there", async () => {
    expect(await runFor("stall")).toMatch(
      /rank 1 is in barrier\(\) #1 since [12]\.\d s; rank 2 is computing; its last collective, allreduce\(float32 × 3, SUM\) #0, ended [12]\.\d s ago/,
    );
  });

  it("move messages on while they wait there", async () => {
    // 128 parts, of which 4 are under way: with sleeps of 50 ms in between it took 1.5 s.
    expect(await runFor("progress")).toBeLessThan(700);
  });
});
