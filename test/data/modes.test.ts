import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Partition,
  PARTITION_NAMES,
  type PartitionName,
  rangeBounds,
  type Remainder,
  writeRecords,
} from "@tsmpi/data";
import type { OpenDatasetOptions } from "@tsmpi/train";
import { type ModeName, MODES } from "../../packages/train/src/datasets/modes";
import { launch, start } from "../support/launch";

const program = (name: string) => join(__dirname, "programs", `${name}.mts`);
const NAMES = [...MODES.keys()] as ModeName[];
const range = (count: number) => [...Array(count).keys()];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-modes-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const labelOf = (id: number) => "abc"[(id % 7) % 3]!;

/** Files of JSON Lines with so many records, numbered from 0 through all of them. @returns their pattern */
function dataset(name: string, ...counts: readonly number[]): string {
  let id = 0;
  counts.forEach((count, file) => {
    const lines = range(count).map(
      () => `{"id":${id},"label":"${labelOf(id++)}"}\n`,
    );
    writeFileSync(join(folder, `${name}-${file}.jsonl`), lines.join(""));
  });
  return join(folder, `${name}-*.jsonl`);
}

interface Epoch {
  readonly mode: ModeName;
  readonly partition?: Partition;
  readonly pattern: string;
  readonly epoch: number;
  readonly ids: readonly (readonly number[])[];
  readonly isExact: boolean;
  readonly checksum: string;
}

async function epochs(
  ranks: number,
  options: readonly OpenDatasetOptions[],
  ...patterns: string[]
): Promise<Epoch[]> {
  const args = [program("epochs"), JSON.stringify(options), ...patterns];
  const { exitCode, lines, stderr } = await launch({
    args: ["-n", `${ranks}`, ...args],
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
    const all = await epochs(
      ranks,
      NAMES.map((mode) => ({ mode })),
      many,
      few,
    );
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
  const pattern = join(folder, "long-0.jsonl");
  const [first] = await epochs(3, [{ mode: "scatter" }], pattern);
  expect(sorted(first!.ids)).toEqual(range(4));
  expect(first!.isExact).toBe(true);
});

test.each(NAMES.filter((name) => name !== "dynamic"))(
  "%s drops or pads what cannot be shared out equally",
  async (mode) => {
    const pattern = dataset("odd", 5, 6);
    const counts = async (remainder: Remainder) =>
      (await epochs(3, [{ mode, remainder }], pattern)).map(({ ids }) => [
        ids.map(({ length }) => length),
        new Set(ids.flat()).size,
      ]);
    expect(await counts("drop")).toEqual(Array(2).fill([[3, 3, 3], 9]));
    expect(await counts("pad")).toEqual(Array(2).fill([[4, 4, 4], 11]));
  },
);

/** Of each kind, for so many ranks that share `count` records. */
const PARTITIONS: {
  readonly [Name in PartitionName]: (ranks: number, count: number) => Partition;
} = {
  block: () => ({ by: "block" }),
  cyclic: () => ({ by: "cyclic" }),
  "block-cyclic": () => ({ by: "block-cyclic", records: 4 }),
  weighted: (ranks) => ({
    ...{ by: "weighted", weights: range(ranks).map((rank) => rank + 1) },
  }),
  hash: () => ({ by: "hash", key: "label" }),
  range: (ranks, count) => ({
    ...{ by: "range", key: "id", bounds: rangeBounds(range(count), ranks) },
  }),
  stratified: () => ({ by: "stratified", key: "label" }),
};

const labelCounts = (ids: readonly number[]) =>
  [..."abc"].map((label) => ids.filter((id) => labelOf(id) === label).length);

const spread = (numbers: readonly number[]) =>
  Math.max(...numbers) - Math.min(...numbers);

/** What the ids of ranks are, with files in their order. */
const EXPECTED: {
  readonly [Name in PartitionName]: (
    ids: readonly (readonly number[])[],
  ) => void;
} = {
  block: (ids) =>
    expect(spread(ids.map(({ length }) => length))).toBeLessThan(2),
  cyclic: (ids) =>
    ids.forEach((own, rank) =>
      expect(own.every((id) => id % ids.length === rank)).toBe(true),
    ),
  "block-cyclic": (ids) =>
    ids.forEach((own, rank) =>
      expect(own.every((id) => Math.floor(id / 4) % ids.length === rank)).toBe(
        true,
      ),
    ),
  weighted: (ids) => {
    const all = ids.flat().length;
    const sum = (ids.length * (ids.length + 1)) / 2;
    ids.forEach(({ length }, rank) =>
      expect(Math.abs(length - (all * (rank + 1)) / sum)).toBeLessThan(1),
    );
  },
  hash: (ids) =>
    [0, 1, 2].forEach((label) =>
      expect(ids.filter((own) => labelCounts(own)[label]! > 0)).toHaveLength(1),
    ),
  range: (ids) =>
    ids.reduce((above, own) => {
      expect(Math.min(...own)).toBeGreaterThanOrEqual(above);
      return Math.max(...own);
    }, 0),
  stratified: (ids) =>
    [0, 1, 2].forEach((label) =>
      expect(spread(ids.map((own) => labelCounts(own)[label]!))).toBeLessThan(
        2,
      ),
    ),
};

test.each([1, 2, 3, 5])(
  "%i ranks have each record once by every partition of every mode, and those that it says",
  async (ranks) => {
    const pattern = dataset("dealt", 40, 1, 0, 60);
    const options = NAMES.flatMap((mode) =>
      MODES.get(mode)!.partitions.map((by) => ({
        ...{ mode, shuffle: false, partition: PARTITIONS[by](ranks, 101) },
      })),
    );
    const all = await epochs(ranks, options, pattern);
    expect(all).toHaveLength(2 * (PARTITION_NAMES.length + 2));
    expect(new Set(all.map(({ checksum }) => checksum)).size).toBe(1);
    for (const { partition, ids, isExact } of all) {
      expect(isExact).toBe(true);
      expect(sorted(ids)).toEqual(range(101));
      EXPECTED[partition!.by](ids);
    }
  },
);

test("scatter drops and pads by blocks of several records", async () => {
  const pattern = dataset("short", 4, 5);
  const partition = PARTITIONS["block-cyclic"](3, 9);
  const remainders = ["drop", "pad"] as const;
  const all = await epochs(
    3,
    remainders.map((remainder) => ({ remainder, partition })),
    pattern,
  );
  const counts = all.map(({ ids }) => [
    ids.map(({ length }) => length),
    new Set(ids.flat()).size,
  ]);
  // 4, 4 and 1.
  expect(counts.slice(0, 2)).toEqual(Array(2).fill([[1, 1, 1], 3]));
  expect(counts.slice(2)).toEqual(Array(2).fill([[4, 4, 4], 9]));
});

/** Runs an epoch until a batch, then on from there. @returns what each rank has had */
function until(
  pattern: string,
  optionsFor: (ranks: number) => OpenDatasetOptions,
) {
  const file = join(mkdtempSync(join(folder, "position-")), "position.json");
  return async (ranks: number, stop: number): Promise<number[][]> => {
    const { lines } = await launch({
      args: [
        ...["-n", `${ranks}`, program("until")],
        ...[JSON.stringify(optionsFor(ranks)), pattern, file, `${stop}`],
      ],
    });
    return JSON.parse(lines[0]!) as number[][];
  };
}

/** Three ranks are killed behind their fourth batches of three, and `ranks` go on. */
async function expectResumed(
  ranks: number,
  optionsFor: (ranks: number) => OpenDatasetOptions,
): Promise<void> {
  const run = until(dataset("resumed", 25, 50, 25), optionsFor);
  const before = await run(3, 4);
  expect(sorted(before)).toHaveLength(36);
  const after = await run(ranks, 0);
  expect(after).toHaveLength(ranks);
  expect(sorted([...before, ...after])).toEqual(range(100));
}

test.each(
  NAMES.flatMap((mode) => [2, 5].map((ranks) => [mode, ranks] as const)),
)(
  "%s: three ranks killed in mid-epoch, %i go on with exactly the records that were not seen",
  (mode, ranks) => expectResumed(ranks, () => ({ mode })),
);

test.each(
  NAMES.flatMap((mode) =>
    MODES.get(mode)!
      .partitions.filter((by) => by !== "block")
      .map((by) => [mode, by] as const),
  ),
)(
  "%s by %s: three ranks killed in mid-epoch, two go on with exactly the records that were not seen",
  (mode, by) =>
    expectResumed(2, (ranks) => {
      const partition = PARTITIONS[by](ranks, 100);
      // Each rank is to have some batches.
      return {
        mode,
        partition: by === "hash" ? { by, key: "id" } : partition,
      };
    }),
);

interface Size {
  readonly partition?: Partition;
  readonly mode: ModeName;
  readonly size: number | null;
  readonly count: number;
  readonly filtered: null;
  readonly steps?: number;
}

test.each([1, 3])(
  "%i ranks know how many batches they will have, where nothing but numbers decides",
  async (ranks) => {
    const rows = range(101).map((i) => ({ x: Float32Array.of(i, -i) }));
    await writeRecords(join(folder, "sized-0.npy"), rows.slice(0, 40));
    await writeRecords(join(folder, "sized-1.npy"), rows.slice(40));
    const dealings: OpenDatasetOptions[] = [
      { mode: "dynamic" },
      { mode: "scatter", quality: { onBadRecord: "skip" } },
      { mode: "scatter", remainder: "drop" },
      { mode: "assigned", remainder: "pad" },
      ...PARTITION_NAMES.filter((by) => by !== "hash" && by !== "range").map(
        (by): OpenDatasetOptions => {
          const partition = PARTITIONS[by](ranks, 101);
          const mode = by === "weighted" ? "assigned" : "scatter";
          return "key" in partition
            ? { mode, partition: { ...partition, key: "data" } }
            : { mode, partition };
        },
      ),
    ];
    const { exitCode, lines } = await launch({
      args: [
        "-n",
        `${ranks}`,
        program("sizes"),
        JSON.stringify(dealings),
      ].concat(join(folder, "sized-*.npy")),
    });
    expect(exitCode).toBe(0);
    const said = lines.map((line) => JSON.parse(line) as Size);
    const sizes = said.filter(({ steps }) => steps === undefined);
    expect(sizes).toHaveLength(ranks * dealings.length);
    for (const { mode, partition, size, count, filtered, ...own } of sizes) {
      const isOpen =
        "quality" in own ||
        (ranks > 1 && (mode === "dynamic" || partition?.by === "stratified"));
      expect({ mode, partition, size }).toEqual({
        ...{ mode, partition, size: isOpen ? null : count },
      });
      expect(filtered).toBeNull();
    }
    // 101 records, or 34, 34 and 33.
    const steps = said.flatMap((one) => one.steps ?? []);
    expect(steps).toEqual(Array(ranks).fill(ranks === 1 ? 26 : 9));
  },
);

test.each(NAMES.filter((name) => name !== "dynamic"))(
  "%s: ranks that were killed with the last batch of an epoch in their hands go on with the next one",
  async (mode) => {
    const run = until(dataset("whole", 5, 7), () => ({ mode }));
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

async function open(
  own: string,
  others: string,
  options: object,
  ...elsewhere: string[]
): Promise<Opened[]> {
  const args = [own, others, JSON.stringify(options), ...elsewhere];
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
  const said = await open(pattern, pattern, {});
  expect(said.map(({ code }) => code)).toEqual(Array(3).fill("ERR_DATA"));
  for (const { message } of said) expect(message).toMatch(text);
});

test("ranks that open different datasets are told on every rank who opens what", async () => {
  dataset("alike", 1);
  const said = await open("alike-0.jsonl", "alike-*.jsonl", {
    mode: "assigned",
  });
  const [text] = new Set(said.map(({ message }) => message));
  expect(said.map(({ message }) => message)).toEqual(Array(3).fill(text));
  expect(text).toMatch(/rank 0: .*alike-0.*; rank 1: .*alike-\*.*; rank 2: /);
});

const HASH = { by: "hash", key: "id" };
test.each<[object, string, RegExp]>([
  [
    { mode: "assigned", partition: HASH },
    "ERR_ARG",
    /^openDataset: mode "assigned" takes a partition by block or weighted and not by hash, so that no rank .* mode "scatter" takes all/,
  ],
  [
    { mode: "dynamic", partition: { by: "block" } },
    "ERR_ARG",
    /^openDataset: mode "dynamic" takes no partition, since it is decided by how fast/,
  ],
  [
    { mode: "dynamic", remainder: "drop" },
    "ERR_ARG",
    /^openDataset: mode "dynamic" takes no remainder "drop"/,
  ],
  [
    { remainder: "pad", quality: { key: "id" } },
    "ERR_ARG",
    /^openDataset: remainder "pad" gives some records twice, and quality\.key/,
  ],
  [
    { seed: 1.5 },
    "ERR_ARG",
    /^openDataset: seed is 1\.5, and must be a whole number$/,
  ],
  [
    { partition: "block" },
    "ERR_ARG",
    /^openDataset: partition is "block", and must be an object such as \{ by: "block" \}$/,
  ],
  [
    { partition: { ...HASH, keys: "id" } },
    "ERR_ARG",
    /^a partition by hash has no keys; it takes key$/,
  ],
  [
    { partition: { by: "cyclic", key: "id" } },
    "ERR_ARG",
    /^a partition by cyclic has no key; it takes nothing else$/,
  ],
  [
    { epochs: 3 },
    "ERR_ARG",
    /^openDataset has no option epochs; its options are mode, partition, /,
  ],
  [
    { onBadRecord: "skip" },
    "ERR_ARG",
    /^openDataset: what records must be like .* one place: quality: \{ onBadRecord: … \}$/,
  ],
  [
    { partition: { by: "hash", key: "user" } },
    "ERR_DATA",
    /alike-0\.jsonl, record 0: it has no "user" by which it could be dealt to a rank; its fields are id, label$/,
  ],
  [
    { partition: { by: "range", key: "label", bounds: [1, 2] } },
    "ERR_DATA",
    /alike-0\.jsonl, record 0: field "label" is a string, and the bounds .* numbers$/,
  ],
])("%j is an error on every rank", async (options, code, text) => {
  const pattern = dataset("alike", 5);
  const said = await open(pattern, pattern, options);
  expect(said.map((one) => one.code)).toEqual(Array(3).fill(code));
  for (const { message } of said) expect(message).toMatch(text);
});

test("a record that cannot be decoded has no value, and is the first rank's to tell", async () => {
  writeFileSync(join(folder, "broken-0.jsonl"), '{"id":1}\n{"id":\n{"id":2}\n');
  const options: OpenDatasetOptions = {
    partition: { by: "hash", key: "id" },
    quality: { onBadRecord: "skip" },
  };
  const { exitCode, lines, stderr } = await launch({
    args: ["-n", "3", program("epochs"), JSON.stringify([options])].concat(
      join(folder, "broken-0.jsonl"),
    ),
  });
  expect(exitCode).toBe(0);
  expect(stderr).toContain("of 3 records some are bad: 1 undecodable; it is:");
  const [first] = lines.map((line) => JSON.parse(line) as Epoch);
  expect(sorted(first!.ids)).toEqual([1, 2]);
  expect(first!.isExact).toBe(true);
});

test("records whose bytes are damaged are left out in every mode, and none behind them", async () => {
  const path = join(folder, "flipped-0.tfrecord");
  await writeRecords(
    path,
    range(60).map((id) => ({ id })),
  );
  const bytes = readFileSync(path);
  const length = bytes.length / 60;
  for (const id of [7, 8, 40]) bytes[id * length + 13]! ^= 1;
  writeFileSync(path, bytes);
  const partitions: Partition[] = [{ by: "cyclic" }, { by: "hash", key: "id" }];
  const options: OpenDatasetOptions[] = [
    ...NAMES.map((mode) => ({ mode })),
    ...partitions.map((partition) => ({ partition })),
  ].map((one) => ({
    ...{ ...one, quality: { onBadRecord: "skip" } },
    features: { id: { dtype: "int32", shape: [] } },
  }));
  const args = [program("epochs"), JSON.stringify(options), path];
  const { exitCode, lines, stderr } = await launch({
    args: ["-n", "3", ...args],
  });
  expect(exitCode).toBe(0);
  expect(stderr).toContain(
    `${path}, record 40 (byte ${40 * length + 12}): the checksum of its `,
  );
  const all = lines.map((line) => JSON.parse(line) as Epoch);
  expect(all.length).toBeGreaterThanOrEqual(options.length);
  for (const { ids, isExact } of all) {
    expect(sorted(ids)).toEqual(
      range(60).filter((id) => ![7, 8, 40].includes(id)),
    );
    expect(isExact).toBe(true);
  }
});

test("keys that two ranks have are told by the root, with the places of both", async () => {
  // Each key twice, one behind the other: cyclic, no rank has a key twice.
  const lines = range(10).map((id) => `{"id":${id >> 1}}\n`);
  writeFileSync(join(folder, "keys-0.jsonl"), lines.join(""));
  const options: OpenDatasetOptions = {
    ...{ partition: { by: "cyclic" }, shuffle: false, quality: { key: "id" } },
  };
  const { exitCode, stderr } = await launch({
    args: ["-n", "2", program("epochs"), JSON.stringify([options])].concat(
      join(folder, "keys-0.jsonl"),
    ),
  });
  expect(exitCode).toBe(0);
  const place = (record: number, rank: number) =>
    `${folder}/keys-0.jsonl, record ${record} (rank ${rank}`;
  const [first, second] = stderr.split(/(?=tsmpi warn)/);
  expect(first).toContain(
    "[rank 0] of 10 records some are bad: 5 duplicateKey; the first are:",
  );
  for (const record of [0, 2, 4, 6, 8])
    expect(first).toContain(
      `${place(record + 1, 1)}): the record has the key of ${place(record, 0)})`,
    );
  expect(second).toContain("of 20 records some are bad: 10 duplicateKey");
});

test.each(NAMES.filter((name) => MODES.get(name)!.isReadByAll))(
  "%s: a rank without the files is named on every rank, with its host and a file",
  async (mode) => {
    dataset("here", 3);
    const said = await open("here-0.jsonl", "here-0.jsonl", { mode }, tmpdir());
    expect(said.map(({ code }) => code)).toEqual(Array(3).fill("ERR_DATA"));
    for (const { message } of said)
      expect(message).toMatch(/^rank 1: \S+ does not have .*here-0\.jsonl/);
  },
);

test("scatter: ranks without the files are sent their records", async () => {
  dataset("here", 3);
  const said = await open("here-0.jsonl", "here-0.jsonl", {}, tmpdir());
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
          ? /\(rank 0 took no more of it, rank 1 took no more of it\)$/
          : /^epoch 3: each of 120 records in 2 files went to exactly one of 2 ranks/,
      );
  },
);

test.each(
  NAMES.flatMap((mode) =>
    ["here", "background"].map((where) => [mode, where] as const),
  ),
)(
  "%s, pipeline %s: a rank that leaves an epoch keeps nobody waiting",
  async (mode, where) => {
    const { exitCode, lines } = await launch({
      args: [
        ...["-n", "3", program("break"), mode],
        ...[dataset("left-by-one", 1500, 1500), where],
      ],
    });
    expect(exitCode).toBe(0);
    const said = lines.map(
      (line) =>
        JSON.parse(line) as {
          readonly rank: number;
          readonly taken: number;
          readonly isExact: boolean;
          readonly text: string;
        },
    );
    expect(said.map(({ rank }) => rank).sort()).toEqual([0, 1, 2]);
    expect(said.find(({ rank }) => rank === 1)!.taken).toBe(1);
    for (const { isExact, text } of said) {
      // Others get what it has not had, where ranks do not have shares.
      expect(isExact).toBe(mode === "dynamic");
      expect(text).toMatch(/\(rank 1 left it before its end\)$/);
    }
  },
);
