import { join } from "node:path";
import { launch } from "../support/launch";

/** All-reduces that have begun when two of three gradients are ready, in three steps, on each rank. */
async function begunAmidBackward(transport: string): Promise<number[][]> {
  const { exitCode, lines, stderr } = await launch({
    args: [
      ...["-n", "2", "--transport", transport],
      join(__dirname, "programs/overlap.mts"),
    ],
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return lines.map((line) => (JSON.parse(line) as { counts: number[] }).counts);
}

describe("gradients of a step", () => {
  test("leave over the network during the backward pass, from the second step on in the order in which they become ready", async () => {
    // The header, and a bucket for each of the two.
    expect(await begunAmidBackward("ipc")).toEqual([
      [0, 3, 3],
      [0, 3, 3],
    ]);
  });

  test("in shared memory are summed at the end", async () => {
    expect(await begunAmidBackward("shm")).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});
