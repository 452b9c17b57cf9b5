import { recordId, type RecordSet } from "../feed";
import { randomStream } from "../random-stream";
import {
  commonRecords,
  countRecords,
  gapsIn,
  hasRecords,
  runOf,
  subtractRecords,
  uniteRecords,
} from "./record-set";
import { SeenRecords } from "./seen-records";

const FILES = 3;
const RECORDS = 40;

/** Which of FILES × RECORDS records are in the set, one by one. */
const listed = (has: (file: number, record: number) => boolean): string =>
  Array.from({ length: FILES * RECORDS }, (_, i) =>
    has(Math.floor(i / RECORDS), i % RECORDS) ? "#" : ".",
  ).join("");

const textOf = (set: RecordSet): string =>
  listed((file, record) => {
    const runs = set[file] ?? [];
    return runs.some(
      (from, i) => i % 2 === 0 && from <= record && record < runs[i + 1]!,
    );
  });

function randomSet(random: () => number): RecordSet {
  const seen = new SeenRecords();
  const density = random();
  for (let file = 0; file < FILES; file++)
    for (let record = 0; record < RECORDS; record++)
      if (random() < density) seen.add(recordId(file, record));
  return seen.toSet();
}

describe("sets of records", () => {
  const random = randomStream("record-set");
  const pairs = Array.from({ length: 50 }, () => [
    randomSet(random),
    randomSet(random),
  ]);

  test("unite, subtract and have in common what one record after the other says", () => {
    for (const [a, b] of pairs as [RecordSet, RecordSet][]) {
      const [inA, inB] = [textOf(a), textOf(b)];
      const at = (text: string, file: number, record: number) =>
        text[file * RECORDS + record] === "#";
      const expected = (keep: (a: boolean, b: boolean) => boolean) =>
        listed((...place) => keep(at(inA, ...place), at(inB, ...place)));
      expect(textOf(uniteRecords(a, b))).toBe(expected((x, y) => x || y));
      expect(textOf(subtractRecords(a, b))).toBe(expected((x, y) => x && !y));
      expect(textOf(commonRecords(a, b))).toBe(expected((x, y) => x && y));
      expect(countRecords(a)).toBe(inA.replaceAll(".", "").length);
      // The shortest form: no run begins where another ends.
      for (const runs of Object.values(uniteRecords(a, b)))
        expect([...new Set(runs)].sort((x, y) => x - y)).toEqual(runs);
    }
  });

  test("have gaps where they have no records", () => {
    for (const [set] of pairs)
      for (let from = 0; from < RECORDS; from += 7)
        for (let to = from; to <= RECORDS; to += 5) {
          const inside = Array.from({ length: to - from }, (_, i) => from + i);
          const gaps = [...gapsIn(set!, 1, from, to)];
          const missing = inside.filter(
            (record) => textOf(set!)[RECORDS + record] === ".",
          );
          expect(
            gaps.flatMap(([start, end]) =>
              inside.filter((record) => start <= record && record < end),
            ),
          ).toEqual(missing);
          expect(hasRecords(set!, 1, from, to)).toBe(missing.length === 0);
        }
  });

  test("of no record are empty", () => {
    expect(runOf(3, 5, 5)).toEqual({});
    expect(subtractRecords(runOf(3, 5, 9), runOf(3, 0, 10))).toEqual({});
    expect(hasRecords({}, 0, 0)).toBe(false);
    expect(hasRecords({}, 0, 7, 7)).toBe(true);
  });
});

describe("SeenRecords", () => {
  test("join what comes in any order, over pages, to runs", () => {
    const seen = new SeenRecords();
    for (let record = 200_000; record >= 10; record--)
      seen.add(recordId(2, record));
    seen.add(recordId(2, 300_000));
    seen.add(recordId(2, 300_000));
    seen.add(recordId(0, 0));
    const set = { 0: [0, 1], 2: [10, 200_001, 300_000, 300_001] };
    expect(seen.toSet()).toEqual(set);
    expect(new SeenRecords(set).toSet()).toEqual(set);
  });
  test("begin with a set", () => {
    const seen = new SeenRecords({ 1: [0, 3 * 65_536, 200_000, 200_002] });
    seen.add(recordId(1, 200_002));
    expect(seen.toSet()).toEqual({ 1: [0, 196_608, 200_000, 200_003] });
  });
});
