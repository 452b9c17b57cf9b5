import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MODES } from "../../packages/train/src/datasets/modes";
import { launch } from "../support/launch";

const RECORDS = 120;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-ahead-"));
  for (const file of [0, 1]) {
    const records = Array.from({ length: RECORDS / 2 }, (_, i) => {
      const id = (file * RECORDS) / 2 + i;
      return `${JSON.stringify({ id, x: [id / RECORDS], y: [id / RECORDS] })}\n`;
    });
    writeFileSync(join(folder, `${file}.jsonl`), records.join(""));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const exactly = (epoch: number) =>
  expect.stringMatching(
    new RegExp(
      `^epoch ${epoch}: each of 120 records in 2 files went to exactly one of 2 ranks`,
    ),
  ) as string;

describe.each([...MODES.keys()])("%s", (mode) => {
  test.each([
    ["that follows in a training is whole", "whole", 3],
    [
      "that a rank stops in front of is left, and whole when it comes",
      "stop",
      2,
    ],
    ["that an error comes before is left, and whole when it comes", "fail", 2],
    ["is read ahead on all ranks or on none", "one", 2],
  ])("an epoch %s", async (_, how, epochs) => {
    const { exitCode, stderr, lines } = await launch({
      args: [
        ...["-n", "2", join(__dirname, "programs/ahead.mts"), mode],
        ...[join(folder, "*.jsonl"), how],
      ],
      env: { TSMPI_LOG: "info" },
    });
    expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({
      ...{ exitCode: 0, stderr: "" },
    });
    // Nobody need know that one was prepared.
    expect(stderr).not.toMatch(/warn|did not begin/);
    const { first, between, second, epoch } = JSON.parse(lines[0]!) as {
      readonly first: string[];
      readonly between: number[];
      readonly second: string[];
      readonly epoch: number;
    };
    const said = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => exactly(from + i));
    expect(first).toEqual(said(0, epochs));
    expect(between).toEqual(Array.from({ length: RECORDS }, (_, id) => id));
    expect(second).toEqual(said(epochs + 1, 3));
    expect(epoch).toBe(epochs + 4);
  });
});
