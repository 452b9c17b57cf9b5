import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openCatalogue, type Catalogue } from "../catalogue/catalogue";
import { writeRecords } from "../write-records";
import { isEpochOver } from "./is-epoch-over";

const COUNTS = [7, 0, 3];
const records = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ id }));

let folder: string;
const catalogues: Record<string, Catalogue> = {};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-over-"));
  for (const [file, count] of COUNTS.entries()) {
    await writeRecords(join(folder, `${file}.tfrecord`), records(count));
    const lines = records(count).map((one) => `${JSON.stringify(one)}\n`);
    writeFileSync(join(folder, `${file}.jsonl`), lines.join(""));
    writeFileSync(join(folder, `${file}.jsonl.gz`), gzipSync(lines.join("")));
  }
  for (const ending of ["tfrecord", "jsonl", "jsonl.gz"])
    catalogues[ending] = await openCatalogue(join(folder, `*.${ending}`));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["tfrecord", "jsonl", "jsonl.gz"])("an epoch of %s", (ending) => {
  test.each([
    [true, "when all records were seen", { 0: [0, 7], 2: [0, 3] }, 1],
    [false, "before it has begun", {}, 1],
    [false, "with a record left at the end", { 0: [0, 7], 2: [0, 2] }, 1],
    [false, "with a record left at the beginning", { 0: [1, 7], 2: [0, 3] }, 1],
    [false, "with a record left in between", { 0: [0, 4, 5, 7], 2: [0, 3] }, 1],
    [false, "with a file left", { 0: [0, 7] }, 1],
    [true, "when fewer are left than ranks drop", { 0: [0, 6], 2: [1, 3] }, 3],
    [false, "when a record is left for each", { 0: [0, 5], 2: [1, 3] }, 3],
  ])("is %s over %s", async (isOver, _, seen, least) => {
    expect(await isEpochOver(catalogues[ending]!, seen, least)).toBe(isOver);
  });
});

test("an epoch that is not nearly over is not read for that", async () => {
  const path = join(folder, "broken.jsonl");
  writeFileSync(path, "{}\n{}\n");
  const catalogue = await openCatalogue(path);
  rmSync(path);
  expect(await isEpochOver(catalogue, { 0: [1, 2] })).toBe(false);
});
