import { join } from "node:path";
import { launch } from "../support/launch";

const program = (name: string) => join(__dirname, "programs", `${name}.mts`);

interface Scattered {
  readonly rank: number;
  readonly [name: string]: unknown;
}

async function scatter(
  ranks: number,
  root: number,
  rows: number,
): Promise<Scattered[]> {
  const { exitCode, lines, stderr } = await launch({
    args: ["-n", `${ranks}`, program("rows"), `${root}`, `${rows}`],
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return lines
    .map((line) => JSON.parse(line) as Scattered)
    .sort((a, b) => a.rank - b.rank);
}

const range = (start: number, end: number) =>
  Array.from({ length: end - start }, (_, i) => start + i);

/** What a rank must have of rows `start` to `end − 1`. */
const expectedRows = (rank: number, start: number, end: number) => ({
  rank,
  floats: {
    shape: [end - start, 2, 3],
    dtype: "float32",
    values: range(start * 6, end * 6),
  },
  integers: {
    shape: [end - start],
    dtype: "int32",
    values: range(start, end),
  },
  booleans: {
    shape: [end - start, 1],
    dtype: "bool",
    values: range(start, end).map((i) => (i % 2 === 0 ? 1 : 0)),
  },
  bytes: {
    shape: [end - start, 2],
    dtype: "int32",
    values: range(start * 2, end * 2),
  },
});

describe("scatterRows", () => {
  test.each([
    ["through the coordinator", 0],
    ["through Scatterv", 2],
  ])("spreads a remainder one row a rank, %s (root %i)", async (_, root) => {
    expect(await scatter(3, root, 8)).toEqual([
      expectedRows(0, 0, 3),
      expectedRows(1, 3, 6),
      expectedRows(2, 6, 8),
    ]);
  });

  test("gives no rows to the last ranks when there are fewer rows than ranks", async () => {
    expect(await scatter(3, 0, 2)).toEqual([
      expectedRows(0, 0, 1),
      expectedRows(1, 1, 2),
      expectedRows(2, 2, 2),
    ]);
  });

  test("gives all rows to a world of one", async () => {
    expect(await scatter(1, 0, 2)).toEqual([expectedRows(0, 0, 2)]);
  });

  test("carries more than the coordinator may hold", async () => {
    const { lines } = await launch({ args: ["-n", "3", program("many-rows")] });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      [0, 1, 2].map((rank) => ({
        rank,
        counts: [3334, 3334, 3333],
        wrong: -1,
      })),
    );
  });

  test.each([
    ["nothing", "scatterRows: the root passed null instead of data"],
    ["other-counts", 'scatterRows: "b" has 4 rows, "a" has 3'],
    ["shape", 'scatterRows: "a" has 6 values, its shape [3, 3] says 9'],
  ])("refuses unfit data (%s) on every rank", async (which, message) => {
    const { exitCode, lines } = await launch({
      args: ["-n", "3", program("unfit-rows"), which],
    });
    expect(exitCode).toBe(0);
    expect(lines).toEqual([0, 1, 2].map((rank) => `rank ${rank}: ${message}`));
  });
});
