import { join } from "node:path";
import { launch } from "../support/launch";

interface Report {
  readonly rank: number;
  readonly block: { rows: number; totalRows: number; x: number[] };
  readonly named: number[][];
  readonly epochs: number[][][];
  readonly again: number[][];
  readonly inOrder: number[][];
  readonly size: number;
  readonly evaluated: { own: Record<string, number>; whole: number[] };
  readonly evaluatedParts: Record<string, number>;
  readonly evaluatedDataset: Record<string, number>;
  readonly predicted: {
    expected: number[];
    everywhere: number[];
    atRoot: number[] | null;
  };
  readonly two: number[][] | null;
  readonly leaked: number;
  readonly failures: Record<string, string>;
}

const ROWS = Array.from({ length: 11 }, (_, row) => row);
const sorted = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b);

let reports: Report[];
beforeAll(async () => {
  const { exitCode, lines, stderr } = await launch({
    args: ["-n", "3", join(__dirname, "programs/own-rows.mts")],
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  reports = lines
    .map((line) => JSON.parse(line) as Report)
    .sort((a, b) => a.rank - b.rank);
  expect(reports).toHaveLength(3);
});

describe("shard", () => {
  test("gives each rank a block, in rank order", () => {
    expect(reports.map(({ block }) => block.rows)).toEqual([4, 4, 3]);
    expect(reports.map(({ block }) => block.totalRows)).toEqual([11, 11, 11]);
    const [{ two }] = reports as [Report];
    expect(reports.flatMap(({ block }) => block.x)).toEqual(two![2]);
  });
  test("keeps the structure of several tensors", () =>
    expect(reports.map(({ named }) => named)).toEqual(
      [4, 4, 3].map((rows) => [
        [rows, 4],
        [rows, 2],
      ]),
    ));
});

describe("shard(…).dataset", () => {
  test("uses each row once an epoch, on one rank", () => {
    for (const epoch of [0, 1])
      expect(
        sorted(reports.flatMap(({ epochs }) => epochs[epoch]!.flat())),
      ).toEqual(ROWS);
  });
  test("takes another order in each epoch, from (seed, epoch), over all ranks", () => {
    for (const { epochs, again } of reports) {
      expect(epochs[1]).not.toEqual(epochs[0]);
      expect(again).toEqual(epochs[1]);
      // Rows of other ranks' blocks are among them.
      expect(sorted(epochs.flat(2))).not.toEqual(
        sorted([...epochs[0]!.flat(), ...epochs[0]!.flat()]),
      );
    }
  });
  test("cuts big batches over the ranks, the last one evenly", () =>
    expect(reports.map(({ inOrder }) => inOrder)).toEqual([
      [
        [0, 1],
        [6, 7],
      ],
      [
        [2, 3],
        [8, 9],
      ],
      [[4, 5], [10]],
    ]));
  test("tells its number of batches", () =>
    expect(reports.map(({ size }) => size)).toEqual([2, 2, 2]));
  test("leaves no tensor behind in fitDataset", () =>
    expect(reports.map(({ leaked }) => leaked)).toEqual([0, 0, 0]));
});

test("evaluate gives the result of one process on all rows, everywhere, also where a rank has none", () => {
  for (const report of reports) {
    const { own, whole } = report.evaluated;
    for (const result of [
      own,
      report.evaluatedParts,
      report.evaluatedDataset,
    ]) {
      expect(Object.keys(result)).toEqual(["loss", "mae"]);
      Object.values(result).forEach((value, i) =>
        expect(Math.abs(value - whole[i]!)).toBeLessThan(1e-6),
      );
    }
  }
});

describe("predict", () => {
  const close = (values: readonly number[], expected: readonly number[]) => {
    expect(values).toHaveLength(expected.length);
    values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  };
  test("gives all rows in their order, everywhere or at the root, also where a rank has none", () => {
    for (const { rank, predicted } of reports) {
      const { expected, everywhere, atRoot } = predicted;
      close(everywhere, expected);
      if (rank === 2) close(atRoot!, expected);
      else expect(atRoot).toBeNull();
    }
  });
  test("gives several outputs of several inputs", () => {
    const [a, b, x, y] = reports[0]!.two!;
    expect([a, b]).toEqual([x, y]);
    expect(reports.slice(1).map(({ two }) => two)).toEqual([null, null]);
  });
});

test.each([
  ["rows", "rank 0: shard: x and y have different numbers of rows (11, 12)"],
  ["ranks", "rank 1: 12 rows of float32[n, 4]"],
  ["few", "shard: 2 rows are too few for 3 ranks: rank 2 would have none"],
  ["batch", "batchSize is 0, and must be a whole number of at least 1"],
  ["shapes", "rank 0: float32[n, 4]; rank 1: float32[n, 5]"],
  ["unfit", "rank 0: predict: Error when checking"],
  ["empty", "predict: no rank has rows to predict"],
  ["roots", "rank 0: 0; rank 1: 1; rank 2: 1"],
  ["root", "predict: root 3 is not a rank of 0 … 2"],
  ["evaluate", "rank 2: evaluate: input expected a batch of elements"],
  ["evaluateNothing", "evaluate: no rank has rows to evaluate"],
])("unfit rows (%s) are an error on every rank: %s", (name, says) => {
  for (const { failures } of reports) expect(failures[name]).toContain(says);
});
