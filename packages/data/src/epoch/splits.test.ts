import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCatalogue } from "../catalogue/catalogue";
import { indexFile } from "../catalogue/index-file";
import type { EpochPlan, RecordSet } from "../feed";
import { NO_RECORDS, uniteRecords, runOf } from "../records/record-set";
import { readSplit } from "./read-split";
import { type Split, splitsOf } from "./splits";

const FILES = [2500, 0, 1, 900];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-splits-"));
  FILES.forEach((records, file) =>
    writeFileSync(
      join(folder, `${file}.jsonl`),
      Array.from(
        { length: records },
        (_, i) => `${JSON.stringify({ file, i, pad: "x".repeat(2000) })}\n`,
      ).join(""),
    ),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const planOf = (plan: Partial<EpochPlan>): EpochPlan => ({
  ...{ epoch: 0, seed: 1, isShuffled: true, seen: NO_RECORDS, waits: true },
  ...plan,
});

async function open() {
  const catalogue = await openCatalogue(folder);
  const indexes = await Promise.all(
    FILES.map((_, i) => indexFile(catalogue, i)),
  );
  return { catalogue, indexes };
}

/** `file/record` of all records of the parts, sorted. */
async function readAll(
  splits: readonly Split[],
  seen: RecordSet = NO_RECORDS,
): Promise<string[]> {
  const { catalogue } = await open();
  const found: string[] = [];
  for (const split of splits)
    for await (const { file, records } of readSplit(catalogue, split, seen))
      records.starts.forEach((start, i) => {
        const text = Buffer.from(
          records.bytes.subarray(start, records.ends[i]),
        ).toString();
        const record = JSON.parse(text) as { file: number; i: number };
        expect(record).toMatchObject({ file, i: records.first + i });
        found.push(`${file}/${record.i}`);
      });
  return found.sort();
}

const ALL = FILES.flatMap((records, file) =>
  Array.from({ length: records }, (_, i) => `${file}/${i}`),
).sort();

describe("splitsOf", () => {
  test.each([1, 500, 1_000_000])(
    "has each record once, in parts of about %i",
    async (splitRecords) => {
      const { catalogue, indexes } = await open();
      const splits = splitsOf(catalogue, indexes, planOf({}), splitRecords);
      expect(await readAll(splits)).toEqual(ALL);
      // The last part of a file may be smaller.
      expect(
        splits.filter(({ records }) => records! < splitRecords).length,
      ).toBeLessThanOrEqual(FILES.length);
    },
  );

  test("are whole files where nothing is known of what is in them", async () => {
    const { catalogue } = await open();
    const nothing = FILES.map(() => null);
    const splits = splitsOf(catalogue, nothing, planOf({}), 1);
    expect(splits.map(({ file }) => file).sort()).toEqual([0, 2, 3]);
    expect(await readAll(splits)).toEqual(ALL);
  });

  test("come in another order each epoch, and in the same order everywhere", async () => {
    const { catalogue, indexes } = await open();
    const order = (plan: Partial<EpochPlan>) =>
      splitsOf(catalogue, indexes, planOf(plan), 1).map(
        ({ file, place }) => `${file}/${place.record}`,
      );
    expect(order({ epoch: 1 })).toEqual(order({ epoch: 1 }));
    expect(order({ epoch: 1 })).not.toEqual(order({ epoch: 2 }));
    expect(order({ seed: 1 })).not.toEqual(order({ seed: 2 }));
    expect(order({ epoch: 1 }).sort()).toEqual(order({ epoch: 2 }).sort());
    const inOrder = splitsOf(
      ...([catalogue, indexes] as const),
      ...([planOf({ isShuffled: false }), 1] as const),
    );
    const places = inOrder.map(({ file, place }) => file * 1e6 + place.record);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test("leave out what has been seen", async () => {
    const { catalogue, indexes } = await open();
    const seen = uniteRecords(
      runOf(0, 0, 1200),
      runOf(0, 1300, 1301),
      runOf(2, 0, 1),
      runOf(3, 899, 900),
    );
    const plan = planOf({ seen });
    const splits = splitsOf(catalogue, indexes, plan, 1);
    expect(splits.length).toBeLessThan(
      splitsOf(catalogue, indexes, planOf({}), 1).length,
    );
    const expected = ALL.filter((name) => {
      const [file, record] = name.split("/").map(Number) as [number, number];
      const runs = seen[file] ?? [];
      return !runs.some(
        (from, i) => i % 2 === 0 && from <= record && record < runs[i + 1]!,
      );
    });
    expect(await readAll(splits, seen)).toEqual(expected);
  });
});

describe("readSplit", () => {
  test("refuses a file that is not the one of the catalogue", async () => {
    const { catalogue } = await open();
    const path = join(folder, "2.jsonl");
    const changed = {
      ...catalogue,
      files: [{ path, bytes: 7, isSeekable: true }],
    };
    const split = { file: 0, place: { record: 0, offset: 0 }, records: null };
    await expect(readSplit(changed, split, NO_RECORDS).next()).rejects.toThrow(
      /2\.jsonl has \d+ bytes, it had 7 when the dataset was/,
    );
  });
  test("misses records of a part that end too early", async () => {
    const { catalogue } = await open();
    const split = { file: 2, place: { record: 0, offset: 0 }, records: 5 };
    const reading = readSplit(catalogue, split, NO_RECORDS);
    await reading.next();
    await expect(reading.next()).rejects.toThrow(
      /2\.jsonl ends behind record 0, and had 5 records/,
    );
  });
});
