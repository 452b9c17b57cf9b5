import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MODES } from "../../packages/train/src/datasets/modes";
import { launch, start } from "../support/launch";

const program = (name: string) => join(__dirname, "programs", `${name}.mts`);
const NAMES = [...MODES.keys()];
const range = (count: number) => [...Array(count).keys()];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-modes-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Files of JSON Lines with so many records, numbered from 0 through all of them. @returns their pattern */
function dataset(name: string, ...counts: readonly number[]): string {
  let id = 0;
  counts.forEach((count, file) => {
    const lines = range(count).map(() => `{"id":${id++}}\n`);
    writeFileSync(join(folder, `${name}-${file}.jsonl`), lines.join(""));
  });
  return join(folder, `${name}-*.jsonl`);
}

interface Epoch {
  readonly mode: string;
  readonly pattern: string;
  readonly epoch: number;
  readonly ids: readonly (readonly number[])[];
  readonly isExact: boolean;
  readonly checksum: string;
}

async function epochs(ranks: number, ...args: string[]): Promise<Epoch[]> {
  const { exitCode, lines, stderr } = await launch({
    args: ["-n", `${ranks}`, program("epochs"), ...args],
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return lines.map((line) => JSON.parse(line) as Epoch);
}

const sorted = (ids: readonly (readonly number[])[]) =>
  ids.flat().sort((a, b) => a - b);

test("there are the three modes", () => {
  expect(NAMES).toEqual(["assigned", "dynamic", "scatter"]);
});

test.each([1, 2, 3, 5])(
  "%i ranks have each record once in an epoch, in every mode with the same checksum",
  async (ranks) => {
    const many = dataset("many", 40, 1, 0, 60);
    const few = dataset("few", 2, 1);
    const all = await epochs(ranks, NAMES.join(), "uneven", many, few);
    expect(all).toHaveLength(NAMES.length * 2 * 2);
    for (const [pattern, count] of [
      [many, 101],
      [few, 3],
    ] as const) {
      const of = all.filter((one) => one.pattern === pattern);
      expect(of.map(({ ids }) => sorted(ids))).toEqual(
        of.map(() => range(count)),
      );
      expect(of.map(({ isExact }) => isExact)).toEqual(of.map(() => true));
      expect(new Set(of.map(({ checksum }) => checksum)).size).toBe(1);
      for (const { mode, ids } of of) {
        if (mode === "dynamic") continue;
        const counts = ids.map(({ length }) => length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(2);
      }
    }
  },
);

test("scatter hands on records that are longer than all that may be under way", async () => {
  const long = "x".repeat(12_000_000);
  const lines = range(4).map((id) => `${JSON.stringify({ id, long })}\n`);
  writeFileSync(join(folder, "long-0.jsonl"), lines.join(""));
  const [first] = await epochs(
    ...([3, "scatter", "uneven", join(folder, "long-0.jsonl")] as const),
  );
  expect(sorted(first!.ids)).toEqual(range(4));
  expect(first!.isExact).toBe(true);
});

test.each(NAMES.filter((name) => name !== "dynamic"))(
  "%s drops or pads what cannot be shared out equally",
  async (mode) => {
    const pattern = dataset("odd", 5, 6);
    const counts = async (remainder: string) =>
      (await epochs(3, mode, remainder, pattern)).map(({ ids }) => [
        ids.map(({ length }) => length),
        new Set(ids.flat()).size,
      ]);
    expect(await counts("drop")).toEqual(Array(2).fill([[3, 3, 3], 9]));
    expect(await counts("pad")).toEqual(Array(2).fill([[4, 4, 4], 11]));
  },
);

/** Runs an epoch until a batch, then on from there. @returns what each rank has had */
function until(mode: string, pattern: string) {
  const file = join(mkdtempSync(join(folder, "position-")), "position.json");
  return async (ranks: number, stop: number): Promise<number[][]> => {
    const { lines } = await launch({
      args: [
        ...["-n", `${ranks}`, program("until")],
        ...[mode, pattern, file, `${stop}`],
      ],
    });
    return JSON.parse(lines[0]!) as number[][];
  };
}

test.each(
  NAMES.flatMap((mode) => [2, 5].map((ranks) => [mode, ranks] as const)),
)(
  "%s: three ranks killed in mid-epoch, %i go on with exactly the records that were not seen",
  async (mode, ranks) => {
    const pattern = dataset("resumed", 25, 50, 25);
    const run = until(mode, pattern);
    const before = await run(3, 4);
    expect(sorted(before)).toHaveLength(36);
    const after = await run(ranks, 0);
    expect(after).toHaveLength(ranks);
    expect(sorted([...before, ...after])).toEqual(range(100));
  },
);

test.each(NAMES.filter((name) => name !== "dynamic"))(
  "%s: ranks that were killed with the last batch of an epoch in their hands go on with the next one",
  async (mode) => {
    const run = until(mode, dataset("whole", 5, 7));
    expect(sorted(await run(2, 2))).toEqual(range(12));
    expect(sorted(await run(3, 0))).toEqual(range(12));
  },
);

interface Said {
  readonly rank: number;
  readonly ids?: readonly number[];
  readonly ended?: true;
  readonly error?: string;
  readonly code?: string;
}

async function lose(
  mode: string,
  pattern = dataset("lost", 60, 60),
  ...odd: string[]
): Promise<Said[]> {
  const { lines } = await launch({
    args: [
      ...["-n", "3", "--recovery", program("lose")],
      ...[mode, pattern, "2", ...odd],
    ],
  });
  return lines.map((line) => JSON.parse(line) as Said);
}

test.each(NAMES.filter((name) => name !== "dynamic"))(
  "%s: a rank killed in mid-epoch is an error on every other",
  async (mode) => {
    const said = await lose(mode);
    const errors = said.filter(({ error }) => error !== undefined);
    expect(errors.map(({ rank, code }) => [rank, code]).sort()).toEqual([
      [0, "ERR_PROC_FAILED"],
      [1, "ERR_PROC_FAILED"],
    ]);
    for (const { error } of errors)
      expect(error).toMatch(/^rank 2 \(.+, pid \d+\) .*SIGKILL/);
  },
);

test("dynamic: what a killed rank was not through with goes to others", async () => {
  const said = await lose("dynamic");
  expect(
    said
      .filter(({ ended }) => ended)
      .map(({ rank }) => rank)
      .sort(),
  ).toEqual([0, 1]);
  const ids = said.flatMap((one) => one.ids ?? []);
  expect(ids.sort((a, b) => a - b)).toEqual(range(120));
  expect(said.filter(({ rank, ids }) => rank === 2 && ids)).toHaveLength(2);
});

test("dynamic: what a pipeline leaves out says nothing of the batch that the program has in its hands", async () => {
  // Each split gives one record, and leaves one out.
  const pairs = dataset("pairs", ...Array<number>(60).fill(2));
  const said = await lose("dynamic", pairs, "odd");
  const ids = said.flatMap((one) => one.ids ?? []);
  const odd = range(120).filter((id) => id % 2 === 1);
  expect(ids.sort((a, b) => a - b)).toEqual(odd);
  expect(said.filter(({ rank, ids }) => rank === 2 && ids)).toHaveLength(2);
});

test("dynamic: a rank that is three times slower gets a third of the work, and all end together", async () => {
  const pattern = dataset("slow", ...Array<number>(60).fill(7));
  const { lines } = await launch({
    args: ["-n", "3", program("slow"), pattern],
  });
  const said = lines.map(
    (line) =>
      JSON.parse(line) as { rank: number; records: number; endMs: number },
  );
  const [slow, ...fast] = said
    .sort((a, b) => a.rank - b.rank)
    .map(({ records }) => records);
  // 420 records: 60 to 180 to 180, give or take some, since timers are late on a busy machine.
  expect(Math.abs(slow! - 60)).toBeLessThanOrEqual(21);
  expect(Math.abs(fast[0]! - fast[1]!)).toBeLessThanOrEqual(35);
  const ends = said.map(({ endMs }) => endMs);
  // A split of the slow rank takes 75 ms.
  expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(2 * 7 * 15);
});

interface Opened {
  readonly rank: number;
  readonly code?: string;
  readonly message: string;
}

async function open(...args: string[]): Promise<Opened[]> {
  const { lines } = await launch({
    ...{ args: ["-n", "3", program("open"), ...args], cwd: folder },
  });
  return lines
    .map((line) => JSON.parse(line) as Opened)
    .sort((a, b) => a.rank - b.rank);
}

test.each([
  ["no file", "nothing-*.jsonl", /no file/],
  ["nothing in its files", "hollow-*.jsonl", /the dataset is empty/],
])("a dataset with %s is an error on every rank", async (_, pattern, text) => {
  dataset("hollow", 0, 0);
  const said = await open(pattern, pattern, "scatter");
  expect(said.map(({ code }) => code)).toEqual(Array(3).fill("ERR_DATA"));
  for (const { message } of said) expect(message).toMatch(text);
});

test("ranks that open different datasets are told on every rank who opens what", async () => {
  dataset("alike", 1);
  const said = await open("alike-0.jsonl", "alike-*.jsonl", "assigned");
  const [text] = new Set(said.map(({ message }) => message));
  expect(said.map(({ message }) => message)).toEqual(Array(3).fill(text));
  expect(text).toMatch(/rank 0: .*alike-0.*; rank 1: .*alike-\*.*; rank 2: /);
});

test.each(NAMES.filter((name) => MODES.get(name)!.isReadByAll))(
  "%s: a rank without the files is named on every rank, with its host and a file",
  async (mode) => {
    dataset("here", 3);
    const said = await open("here-0.jsonl", "here-0.jsonl", mode, tmpdir());
    expect(said.map(({ code }) => code)).toEqual(Array(3).fill("ERR_DATA"));
    for (const { message } of said)
      expect(message).toMatch(/^rank 1: \S+ does not have .*here-0\.jsonl/);
  },
);

test("scatter: ranks without the files are sent their records", async () => {
  dataset("here", 3);
  const said = await open("here-0.jsonl", "here-0.jsonl", "scatter", tmpdir());
  expect(said.map(({ message }) => message)).toEqual(Array(3).fill("opened"));
});

interface Fitted {
  readonly kernel: number;
  readonly bias: number;
  readonly leaked: number;
  readonly began: { readonly epoch: number; readonly seen: object } | null;
}

test.each(NAMES)(
  "%s: fitDataset trains, is killed in mid-epoch, and goes on with fewer ranks",
  async (mode) => {
    const pattern = dataset("points", 50, 53);
    const checkpoints = join(folder, `checkpoints-${mode}`);
    const args = [program("fit"), mode, pattern, checkpoints];
    const killed = await start({ args: ["-n", "3", ...args, "2"] }).done;
    expect(killed.exitCode).not.toBe(0);
    const { exitCode, stderr, lines } = await launch({
      args: ["-n", "2", ...args, "0"],
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { kernel, bias, leaked, began } = JSON.parse(lines[0]!) as Fitted;
    expect(began?.epoch).toBe(1);
    expect(Object.keys(began!.seen).length).toBeGreaterThan(0);
    expect(kernel).toBeCloseTo(2, 1);
    expect(bias).toBeCloseTo(1, 1);
    expect(leaked).toBe(0);
  },
);

test.each(NAMES)(
  "%s: what fitDataset leaves of an epoch is said, and the next is whole",
  async (mode) => {
    const { exitCode, stderr, lines } = await launch({
      args: ["-n", "2", program("leave"), mode, dataset("left", 60, 60)],
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const said = lines.map(
      (line) => JSON.parse(line) as Pick<Epoch, "isExact"> & { text: string },
    );
    expect(said.map(({ isExact }) => isExact)).toEqual([
      ...[false, false, false, true],
    ]);
    for (const [epoch, { text }] of said.entries())
      expect(text).toMatch(
        epoch < 3
          ? /\(rank 0 left it before its end, rank 1 left it before its end\)$/
          : /^epoch 3: each of 120 records in 2 files went to exactly one of 2 ranks/,
      );
  },
);
