import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MODES } from "../../packages/train/src/datasets/modes";
import { launch } from "../support/launch";

const RECORDS = 120;
const HOW = [...MODES.keys(), "tf.data"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-ends-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Records of so many bytes, in two files. @returns their pattern */
function dataset(bytes: number): string {
  const half = (from: number) =>
    Array.from({ length: RECORDS / 2 }, (_, i) => {
      const record = { id: from + i, text: "x".repeat(bytes) };
      return `${JSON.stringify(record)}\n`;
    }).join("");
  for (const file of [0, 1])
    writeFileSync(
      join(folder, `${bytes}-${file}.jsonl`),
      half((file * RECORDS) / 2),
    );
  return join(folder, `${bytes}-*.jsonl`);
}

interface Trained {
  readonly mode: string;
  readonly rank: number;
  readonly epoch: readonly number[];
  readonly batches: readonly number[];
  readonly validation: readonly number[];
  readonly expected: readonly number[];
}

/** Rank 0 has 18 batches, and rank 1 has 6. @returns what each trained, by case; how often TensorFlow.js told that there are no more, and what we warned of */
async function train(pattern: string, ...cases: readonly object[]) {
  const program = join(__dirname, "programs/ends.mts");
  const { exitCode, lines, stderr } = await launch({
    args: ["-n", "2", program, pattern, JSON.stringify(cases)],
  });
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({
    ...{ exitCode: 0, stderr: "" },
  });
  const all = lines.map((line) => JSON.parse(line) as Trained);
  const byCase = [0, 1].map((rank) => all.filter((one) => one.rank === rank));
  expect(byCase.map(({ length }) => length)).toEqual([
    ...[cases.length, cases.length],
  ]);
  for (const { validation, expected } of all) {
    expected.forEach((value, i) => expect(validation[i]).toBeCloseTo(value));
  }
  return {
    of: byCase[0]!.map((first, i) => [first, byCase[1]![i]!] as const),
    warnings: stderr.match(/tsmpi warn.*/g) ?? [],
    toldOfEnd: stderr.split("ran out of data").length - 1,
  };
}

const counts = (of: readonly Trained[]) => of.map(({ batches }) => batches);
const validations = (of: readonly Trained[]) =>
  of.map(({ validation }) => validation.length);

test("batchesPerEpoch: all ranks validate as often, on all records, until no rank has a batch any more", async () => {
  const cases = HOW.map((mode) => ({ mode, epochs: 7, batchesPerEpoch: 4 }));
  const { of, toldOfEnd } = await train(dataset(1), ...cases);
  for (const ranks of of) {
    expect(counts(ranks)).toEqual([
      [4, 4, 4, 4, 2],
      [4, 2, 0, 0, 0],
    ]);
    expect(validations(ranks)).toEqual([4, 4]);
  }
  expect(toldOfEnd).toBe(2 * HOW.length);
});

test("batchesPerEpoch: epochs begin where they are told to", async () => {
  const cases = HOW.map((mode) => ({
    ...{ mode, initialEpoch: 3, epochs: 5, batchesPerEpoch: 4 },
  }));
  const { of, toldOfEnd } = await train(dataset(1), ...cases);
  for (const ranks of of) {
    expect(ranks.map(({ epoch }) => epoch)).toEqual(Array(2).fill([3, 4]));
    expect(counts(ranks)).toEqual([
      [4, 4],
      [4, 2],
    ]);
    expect(validations(ranks)).toEqual([2, 2]);
  }
  expect(toldOfEnd).toBe(0);
});

test.each([
  {
    when: "in the middle of an epoch",
    cases: [
      { epochs: 3, stop: 9 },
      { epochs: 3, stop: 9, batchesPerEpoch: 12 },
    ],
    batches: [[9], [6]],
  },
  {
    when: "in front of another one's last batch",
    cases: [{ epochs: 3, stop: 5, batchesPerEpoch: 6 }],
    batches: [[5], [6]],
  },
])(
  "a rank that stops $when: no rank validates, whether it has batches left or not",
  async ({ cases, batches }) => {
    const all = HOW.flatMap((mode) => cases.map((one) => ({ mode, ...one })));
    const { of, toldOfEnd } = await train(dataset(1), ...all);
    for (const ranks of of) {
      expect(counts(ranks)).toEqual(batches);
      expect(validations(ranks)).toEqual([0, 0]);
    }
    expect(toldOfEnd).toBe(0);
  },
);

test("a rank that stops with the last batch that it wants: all ranks validate", async () => {
  const cases = HOW.map((mode) => ({
    ...{ mode, epochs: 3, stop: 9, batchesPerEpoch: 9 },
  }));
  const { of } = await train(dataset(1), ...cases);
  for (const ranks of of) expect(validations(ranks)).toEqual([1, 1]);
});

test("validationBatches: a rank that takes less of large records than another keeps it not waiting", async () => {
  const cases = [...MODES.keys()].map((mode) => ({
    ...{ mode, epochs: 2, batchesPerEpoch: 3, validationBatches: 12 },
  }));
  const { of } = await train(dataset(250_000), ...cases);
  for (const ranks of of) expect(validations(ranks)).toEqual([2, 2]);
});

test("scatter: a rank that has a third of the large records of another, and goes in step with it, waits for none of them", async () => {
  const { of, warnings } = await train(dataset(250_000), {
    ...{ mode: "scatter", epochs: 2 },
  });
  for (const ranks of of) {
    expect(counts(ranks)).toEqual([
      [18, 18],
      [6, 6],
    ]);
    expect(validations(ranks)).toEqual([2, 2]);
  }
  // Each record went to one rank.
  expect(warnings).toEqual([]);
});

test("scatter: ranks in step that are dealt large blocks wait for none of them, dropped or padded", async () => {
  // Of 12.5 MB: 50 and 20 records, and 50.
  const partition = { by: "block-cyclic", records: 50 };
  const dealings = (["drop", "pad"] as const).map((remainder) => ({
    ...{ mode: "scatter", epochs: 2, dealing: { partition, remainder } },
  }));
  const { of, warnings } = await train(dataset(250_000), ...dealings);
  expect(of.map(counts)).toEqual([
    [
      [10, 10],
      [10, 10],
    ],
    [
      [14, 14],
      [14, 14],
    ],
  ]);
  for (const ranks of of) expect(validations(ranks)).toEqual([2, 2]);
  // What is missing, or there twice, is what was asked for.
  expect(warnings).toEqual([]);
});
