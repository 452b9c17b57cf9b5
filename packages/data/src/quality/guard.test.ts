import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalDataset } from "../open-local-dataset";
import type { DataRecord } from "../records/record";
import { describeReport, joinReports } from "./defects";
import { QualityGuard, type QualityOptions } from "./guard";

const isKept = (guard: QualityGuard, record: DataRecord, number = 0) =>
  guard.isKept(record, "a.npy", number);

/** What is said of a record; null: it is good. */
function verdict(options: QualityOptions, record: DataRecord): string | null {
  try {
    return isKept(new QualityGuard(options), record) ? null : "left out";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("QualityGuard", () => {
  test.each<[string, QualityOptions, DataRecord, DataRecord, string]>([
    [
      "NaN",
      {},
      { x: 1, y: new Float32Array([1, -2]), z: [[0]], s: "NaN", n: null },
      { x: 1, y: new Float32Array([1, NaN]) },
      'holds NaN or an infinity: field "y"',
    ],
    ["NaN alone", {}, { x: 0 }, { x: NaN }, 'infinity: field "x"'],
    [
      "an infinity deep inside",
      {},
      { x: [[1], [2]] },
      { x: [[1], [{ deep: -Infinity }]] },
      'infinity: field "x"',
    ],
    [
      "a label of another class",
      { labels: { field: "l", classes: 10 } },
      { l: 9 },
      { l: 10 },
      'has a label out of range: "l" is 10, and should be a whole number from 0 to 9',
    ],
    [
      "a label among several",
      { labels: { field: "l", classes: 3 } },
      { l: new BigInt64Array([0n, 2n]) },
      { l: new BigInt64Array([0n, -1n]) },
      '"l" is ["0","-1"]',
    ],
    [
      "half a label",
      { labels: { field: "l", classes: 3 } },
      { l: [0] },
      { l: 0.5 },
      '"l" is 0.5',
    ],
    [
      "no label",
      { labels: { field: "l", classes: 3 } },
      { l: 0 },
      {},
      '"l" is missing',
    ],
    [
      "another shape than said",
      { shapes: { x: [2, 2] } },
      { x: new Uint8Array(4), y: 1 },
      { x: [[1, 2]] },
      'has not the shape it should have: field "x" is 2 numbers, and should be 4 numbers',
    ],
    [
      "a missing field",
      { shapes: { x: [] } },
      { x: 5 },
      { y: 5 },
      'field "x" is missing, and should be 1 number',
    ],
  ])("finds %s", (_, options, good, bad, text) => {
    expect(verdict(options, good)).toBeNull();
    expect(verdict(options, bad)).toContain("a.npy, record 0: the record ");
    expect(verdict(options, bad)).toContain(text);
    expect(verdict({ ...options, onBadRecord: "skip" }, bad)).toBe("left out");
    expect(verdict({ ...options, onBadRecord: "log" }, bad)).toBeNull();
  });

  test("lets NaN through where it is as good as a number", () =>
    expect(verdict({ allowNonFinite: true }, { x: NaN })).toBeNull());

  test("compares shapes with the first record, if it is asked to", () => {
    const guard = new QualityGuard({ shapes: "same", onBadRecord: "skip" });
    const records: DataRecord[] = [
      { x: [1, 2], s: "a" },
      { x: new Float32Array(2), s: "bcd" },
      { x: [1], s: "a" },
      { x: [1, 2], s: 1 },
      { x: [1, 2] },
    ];
    expect(records.map((record) => isKept(guard, record))).toEqual([
      ...[true, true, false, false, false],
    ]);
    expect(guard.report.defects.wrongShape).toBe(3);
  });

  test.each<[DataRecord[], number]>([
    [[{ k: 1 }, { k: 2 }, { k: 1 }], 1],
    [[{ k: "a" }, { k: "b" }, { k: "a" }, { k: "a" }], 2],
    [[{ k: [1, 2] }, { k: [1, 3] }, { k: [1, 2] }], 1],
    [[{}, {}], 1],
  ])("counts keys that come again: %j", (records, again) => {
    const guard = new QualityGuard({ key: "k", onBadRecord: "skip" });
    records.forEach((record) => isKept(guard, record));
    expect(guard.report.defects.duplicateKey).toBe(again);
    guard.beginEpoch();
    isKept(guard, records[0]!);
    expect(guard.report.defects.duplicateKey).toBe(again);
  });

  test("reports what all ranks found", () => {
    const warned: string[] = [];
    const reports = [0, 1, 2].map((rank) => {
      const guard = new QualityGuard({ onBadRecord: "log" }, (text) =>
        warned.push(text),
      );
      for (let i = 0; i < 20; i++)
        isKept(guard, { x: i < 6 * rank ? NaN : i }, i);
      return guard.report;
    });
    const all = joinReports(reports);
    expect(all).toMatchObject({ records: 60, defects: { nonFinite: 18 } });
    expect(all.examples).toHaveLength(10);
    expect(warned).toHaveLength(16);
    expect(describeReport(all)).toMatch(
      /^of 60 records some are bad: 18 nonFinite; the first are:\na\.npy, record 0: the record holds NaN/,
    );
    expect(describeReport(reports[0]!)).toBeNull();
  });
});

describe("bad records of a dataset", () => {
  let path: string;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tsmpi-guard-"));
    path = join(folder, "a.jsonl");
    const lines = ['{"x":1}', "{x}", '{"x":3}', '{"x":99}', '{"x":5}'];
    writeFileSync(path, lines.join("\n"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const labels = { field: "x", classes: 10 };
  async function pass(quality: QualityOptions) {
    const warned: string[] = [];
    const dataset = await openLocalDataset(path, {
      quality,
      warn: (text) => warned.push(text),
    });
    const had: unknown[] = [];
    for await (const { x } of dataset) had.push(x);
    return { had, warned, dataset };
  }

  test("end it", async () => {
    await expect(pass({})).rejects.toThrow(
      /a\.jsonl, record 1 \(byte 8\): .*; quality: { onBadRecord: "skip" } leaves such records out/,
    );
  });
  test("are left out and counted", async () => {
    const { had, warned, dataset } = await pass({
      ...{ onBadRecord: "skip", labels },
    });
    expect(had).toEqual([1, 3, 5]);
    expect(warned).toEqual([]);
    expect(dataset.quality()).toMatchObject({
      records: 5,
      defects: { undecodable: 1, labelOutOfRange: 1, nonFinite: 0 },
    });
    // They have been dealt with: nothing of the epoch is left.
    expect(dataset.position()).toEqual({ epoch: 1, seed: 0, seen: {} });
    expect(dataset.account()!.records).toBe(5);
  });
  test("are told, and kept where they can be decoded", async () => {
    const { had, warned } = await pass({ onBadRecord: "log", labels });
    expect(had).toEqual([1, 3, 99, 5]);
    expect(warned).toHaveLength(2);
    expect(warned[0]).toContain("record 1 (byte 8)");
    expect(warned[1]).toContain('"x" is 99');
  });
});
