import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError } from "@tsmpi/protocol";
import { openLocalDataset } from "./open-local-dataset";
import type { Dataset } from "./pipeline/dataset";
import { writeRecords } from "./write-records";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-options-"));
  writeFileSync(join(folder, "a.jsonl"), '{"x":1}\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const open = (options: unknown) =>
  openLocalDataset(join(folder, "a.jsonl"), options as { seed?: number });

test.each([
  [{ seed: 1.5 }, "seed is 1.5, and must be a whole number"],
  [{ seed: NaN }, "seed is NaN, and must be a whole number"],
  [{ shuffle: "no" }, 'shuffle is "no", and must be true or false'],
  [{ position: 3 }, "position is 3, and must be { epoch, seed, seen }"],
  [
    { position: { epoch: 1.5, seed: 0, seen: {} } },
    'position is {"epoch":1.5,"seed":0,"seen":{}}, and must be { epoch, seed, seen }',
  ],
  [{ warn: "x" }, 'warn is "x", and must be a function'],
  [{ quality: "skip" }, 'quality is "skip", and must be an object'],
  [
    { quality: { onBadRecord: "ignore" } },
    'quality.onBadRecord is "ignore", and must be one of fail, skip, log',
  ],
  [
    { quality: { onBad: "skip" } },
    "has no option quality.onBad; those of quality are onBadRecord, ",
  ],
  [{ quality: { labels: { field: "x" } } }, "must be { field, classes }"],
  [{ quality: { shapes: { x: 3 } } }, 'must be "same", or shapes by name'],
  [{ header: "no" }, 'header is "no", and must be true or false'],
  [{ columns: ["x"] }, 'columns is ["x"], and must be types by name'],
  [{ features: "x" }, 'features is "x", and must be { dtype, shape } of each'],
  [{ labels: 3 }, "labels is 3, and must be a string, or false"],
  [{ window: 0 }, "window is 0, and must be a whole number of at least 1"],
  [{ sede: 1 }, "openLocalDataset has no option sede; its options are shuffle"],
  [null, "the last argument is null, and must be an object of options"],
])("a dataset with the options %j is refused: %s", async (options, text) => {
  await expect(open(options)).rejects.toThrow(ArgumentError);
  await expect(open(options)).rejects.toThrow(text);
});

test("options that are undefined are not given", async () => {
  const dataset = await open({ seed: undefined, quality: { key: undefined } });
  expect(dataset.position().seed).toBe(0);
});

test.each([[3], [null], [{}], [["a", 3]]])(
  "%j is no pattern",
  async (patterns) => {
    await expect(openLocalDataset(patterns as never)).rejects.toThrow(
      "and must be a string, or a list of them",
    );
  },
);

/** Methods, as a program that no compiler has seen may call them. */
type Loose = Record<string, (...args: readonly unknown[]) => Dataset>;
const same = (item: unknown) => item;

test.each<[string, readonly unknown[], string]>([
  ["map", [3], "map: fn is 3, and must be a function"],
  ["map", [same, 2], "map: the last argument is 2, and must be an object of"],
  ["map", [same, { thread: 2 }], "map has no option thread; its options are"],
  ["map", [same, { threads: -1 }], "must be a whole number of at least 0"],
  ["filter", [], "filter: fn is undefined, and must be a function"],
  ["select", ["x"], 'select: fields is "x", and must be names of fields'],
  ["select", [{ xs: null }], 'select: fields is {"xs":null}, and must be'],
  ["batch", [0], "batchSize is 0, and must be a whole number of at least 1"],
  ["batch", [2, true], "batch: the last argument is true, and must be"],
  ["batch", [2, { dropRemainder: 1 }], "dropRemainder is 1, and must be true"],
  ["shuffle", [true], "shuffle: bufferSize is true, and must be a whole"],
  ["repeat", ["2"], 'repeat: epochs is "2", and must be a whole number'],
  ["take", [-1], "take: count is -1, and must be a whole number of at least 0"],
  ["skip", [0.5], "skip: count is 0.5, and must be a whole number"],
  ["prefetch", [2, { background: 1 }], "background is 1, and must be true"],
])("%s(…%j) is refused at once: %s", async (method, args, text) => {
  const dataset = (await open({})) as unknown as Loose;
  expect(() => dataset[method]!(...args)).toThrow(ArgumentError);
  expect(() => dataset[method]!(...args)).toThrow(text);
});

test.each<[unknown, unknown, unknown, string]>([
  [3, [], {}, "writeRecords: path is 3, and must be a string"],
  ["b.jsonl", 3, {}, "writeRecords: records is 3, and must be a list of"],
  ["b.jsonl", [], { frmat: "csv" }, "writeRecords has no option frmat"],
  ["b.jsonl", [{}, 3], {}, "record 1: a record is an object of fields by name"],
  ["b.csv", [[1]], {}, "and this is a list"],
])(
  "writeRecords(%j, %j, %j) is refused",
  async (name, records, options, text) => {
    const path = typeof name === "string" ? join(folder, name) : name;
    const written = writeRecords(
      ...([path, records, options] as Parameters<typeof writeRecords>),
    );
    await expect(written).rejects.toThrow(text);
    expect(readdirSync(folder)).toEqual(["a.jsonl"]);
  },
);
