import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModeName, MODES } from "../../packages/train/src/datasets/modes";
import { launch } from "../support/launch";

const NAMES = [...MODES.keys()] as ModeName[];
const RANKS = 3;
const RECORDS = 60;

let folder: string;
let pattern: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-leaving-"));
  pattern = join(folder, "a.jsonl");
  const lines = Array.from({ length: RECORDS }, (_, id) => `{"id":${id}}\n`);
  writeFileSync(pattern, lines.join(""));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Left {
  readonly rank: number;
  readonly had: number;
  readonly error: string;
  readonly isExact: boolean;
  readonly records: number;
  readonly text: string;
  readonly warnings: readonly string[];
}

/** @returns by rank, those that come to their end */
async function leave(mode: ModeName, how: string): Promise<Left[]> {
  const program = join(__dirname, "programs/leaving.mts");
  const recovery = how === "kill" ? ["--recovery"] : [];
  const { exitCode, lines, stderr } = await launch({
    args: ["-n", `${RANKS}`, ...recovery, program, mode, pattern, how],
  });
  if (how !== "kill")
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return lines
    .map((line) => JSON.parse(line) as Left)
    .sort((a, b) => a.rank - b.rank);
}

const WITH_SHARES = NAMES.filter((name) => !MODES.get(name)!.takesOver);

test.each(WITH_SHARES)(
  "%s: a rank that ends its program in mid-epoch is an error on every other, at the end of it",
  async (mode) => {
    const left = await leave(mode, "exit");
    expect(left.map(({ rank }) => rank)).toEqual([0, 2]);
    for (const { error, had } of left) {
      expect(error).toMatch(
        /^ERR_PROC_FAILED rank 1 ended before epoch 0 of \S+a\.jsonl was over, .*"dynamic"/,
      );
      expect(had).toBe(RECORDS / RANKS);
    }
  },
);

test.each(WITH_SHARES)(
  "%s: a rank that is killed is an error on every other, also where all has been read before",
  async (mode) => {
    const left = await leave(mode, "kill");
    expect(left.map(({ rank }) => rank)).toEqual([0, 2]);
    for (const { error } of left)
      expect(error).toMatch(/^ERR_PROC_FAILED rank 1 \(.+\) .*SIGKILL/);
  },
);

test("dynamic: others take over from a rank that ends its program, and it is told what it had with it", async () => {
  const left = await leave("dynamic", "exit");
  expect(left.map(({ rank, error }) => [rank, error])).toEqual([
    [0, ""],
    [2, ""],
  ]);
  for (const { text } of left)
    expect(text).toMatch(
      /went to no rank \(rank 1 is gone, and cannot say what it had\)$/,
    );
  expect(left[0]!.warnings).toEqual([left[0]!.text]);
});

test.each(WITH_SHARES)(
  "%s: what a rank had before it left is counted",
  async (mode) => {
    const left = await leave(mode, "break");
    const had = left.map((one) => one.had);
    expect(had[1]).toBeGreaterThanOrEqual(6);
    for (const { records, text, isExact } of left) {
      expect(records).toBe(had.reduce((sum, count) => sum + count));
      expect(isExact).toBe(false);
      expect(text).toMatch(
        /^epoch 0: records? .* went to no rank \(rank 1 left it before its end\)$/,
      );
    }
    expect(left[0]!.warnings).toEqual([left[0]!.text]);
  },
);

test("dynamic: what a rank had before it left is counted, and the others get the rest, once", async () => {
  const left = await leave("dynamic", "break");
  const had = left.map((one) => one.had);
  expect(had[1]).toBe(6);
  expect(had.reduce((sum, count) => sum + count)).toBe(RECORDS);
  for (const { records, text, isExact, warnings } of left) {
    expect([records, isExact, warnings]).toEqual([RECORDS, true, []]);
    expect(text).toBe(
      `epoch 0: each of ${RECORDS} records in 1 file went to exactly one of ${RANKS} ranks (rank 1 left it before its end)`,
    );
  }
});

test.each(
  NAMES.flatMap((mode) =>
    [
      ["take", RANKS * 4],
      ["take-behind", RANKS * 4],
      ["take-0", 0],
    ].map(([how, records]) => [mode, how as string, records] as const),
  ),
)(
  "%s: %s of all ranks is counted, and nothing is wrong with it",
  async (mode, how, records) => {
    const left = await leave(mode, how);
    expect(left).toHaveLength(RANKS);
    for (const one of left) {
      expect(one).toMatchObject({ error: "", records, warnings: [] });
      expect(one.text).toContain("rank 0 took no more of it, rank 1 took");
    }
  },
);

test.each(NAMES)(
  "%s: a rank takes two batches, and the others all that there are for them",
  async (mode) => {
    const left = await leave(mode, "take-1");
    const own = RECORDS / RANKS;
    // Where they take what others leave it is all.
    const expected = mode === "dynamic" ? RECORDS : 2 * own + 4;
    for (const { records, warnings } of left) {
      expect(records).toBe(expected);
      expect(warnings).toEqual([]);
    }
  },
);
