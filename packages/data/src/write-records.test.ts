import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordFiles } from "./files/record-file";
import type { Writing } from "./format";
import { openLocalDataset } from "./open-local-dataset";
import { FORMATS } from "./registry";
import { writeRecords } from "./write-records";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "tsmpi-write-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ n: i }));

describe("writing records", () => {
  test.each([1, 999, 1000, 1001, 3000])(
    "gives a file of all %i of them",
    async (count) => {
      const path = join(folder, "a.jsonl");
      expect(await writeRecords(path, numbered(count))).toBe(count);
      const found: unknown[] = [];
      for await (const one of await openLocalDataset(path, { shuffle: false }))
        found.push(one);
      expect(found).toEqual(numbered(count));
    },
  );

  test("leaves nothing behind when the records end with an error, or one cannot be written", async () => {
    const path = join(folder, "a.jsonl");
    async function* broken() {
      yield* numbered(1500);
      await Promise.reject(new Error("no more"));
    }
    await expect(writeRecords(path, broken())).rejects.toThrow("no more");
    const wrong = [...numbered(1200), { n: 1n }];
    await expect(writeRecords(path, wrong)).rejects.toThrow(
      `${path}, record 1200: n is the bigint 1`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test("leaves nothing behind when a file cannot even be begun, and closes what the records come from", async () => {
    const writing = {
      ...(FORMATS.get("jsonl")!.writing as Writing<null>),
      writer() {
        throw new Error("not this one");
      },
    };
    const open = await recordFiles(writing, null);
    await expect(open(join(folder, "a.jsonl"))).rejects.toThrow("not this one");
    // Files are opened in the background: what is begun later is whole, so that what was begun before would be seen.
    await writeRecords(join(folder, "later.jsonl"), numbered(1));
    expect(readdirSync(folder)).toEqual(["later.jsonl"]);

    let isClosed = false;
    function* texts() {
      try {
        for (;;) yield { text: "no number" };
      } finally {
        isClosed = true;
      }
    }
    await expect(writeRecords(join(folder, "a.npy"), texts())).rejects.toThrow(
      "one field of numbers",
    );
    expect(isClosed).toBe(true);
    expect(readdirSync(folder)).toEqual(["later.jsonl"]);
  });

  test("says that a format is read only", async () => {
    const path = join(folder, "data_batch_1.bin");
    await expect(
      writeRecords(path, numbered(1), { format: "cifar" }),
    ).rejects.toThrow("which is read and not written");
  });
});
